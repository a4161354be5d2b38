import type { Rgb } from '@lensgate/vision';
import type { Canvas } from './canvas.js';
import { drawLabels, type LabelRequest, placeLabels } from './draw-labels.js';
import { type PixelRect, strokePolygon, strokeRect } from './draw-shapes.js';
import { type DrawStyle, drawStyleFor } from './draw-style.js';

export interface DrawnDetection {
  /** Corners in px of the picture; for a rotated box its hull. */
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  label: string;
  /** 0…1 */
  confidence: number;
  colour: Rgb;
  /** Corners x, y, x, y, … of a rotated box, drawn in place of the upright one; px. */
  polygon?: ArrayLike<number>;
}

export interface DrawDetectionsOptions {
  style?: DrawStyle;
  /** Most detections drawn, the most confident first. */
  detectionsMax?: number;
  boxes?: 'drawn' | 'hidden';
  labels?: 'drawn' | 'hidden';
}

const HALO: Rgb = [0, 0, 0];
const HALO_OPACITY = 0.35;
const DETECTIONS_MAX = 1000;

/**
 * Draws boxes with plates such as `사람 0.93` onto the picture, in place. Boxes are cut to the picture; a box that is not
 * finite or lies outside is left out. The most confident detection is drawn last and gets the first choice of room.
 */
export function drawDetections(
  image: Canvas,
  detections: readonly DrawnDetection[],
  options: DrawDetectionsOptions = {},
): void {
  const {
    style = drawStyleFor(image, detections.length),
    detectionsMax = DETECTIONS_MAX,
    boxes = 'drawn',
    labels = 'drawn',
  } = options;
  const drawn = [...detections]
    .sort((one, other) => other.confidence - one.confidence)
    .slice(0, detectionsMax)
    .map((detection) => ({ detection, rect: boxRect(detection, image, style.lineWidthPx) }))
    .filter((entry): entry is { detection: DrawnDetection; rect: PixelRect } => entry.rect !== undefined);

  if (boxes === 'drawn') {
    for (const { detection, rect } of drawn.toReversed()) drawBox(image, detection, rect, style.lineWidthPx);
  }
  if (labels === 'drawn') {
    const requests = drawn.map(
      ({ detection, rect }): LabelRequest => ({
        name: detection.label,
        suffix: detection.confidence.toFixed(2),
        colour: detection.colour,
        anchor: rect,
      }),
    );
    drawLabels(image, placeLabels(requests, image, style));
  }
}

/** The frame's outer rectangle: the line lies centred on the box's edge, pushed inside at the picture's border. */
function boxRect(box: DrawnDetection, image: Canvas, lineWidthPx: number): PixelRect | undefined {
  if (![box.x1, box.y1, box.x2, box.y2].every(Number.isFinite)) return undefined;
  if (box.x2 < 0 || box.y2 < 0 || box.x1 > image.width || box.y1 > image.height) return undefined;
  const half = lineWidthPx / 2;
  const x = Math.min(Math.max(0, Math.round(box.x1 - half)), image.width - 1);
  const y = Math.min(Math.max(0, Math.round(box.y1 - half)), image.height - 1);
  const right = Math.min(image.width, Math.max(x + 1, Math.round(box.x2 + half)));
  const bottom = Math.min(image.height, Math.max(y + 1, Math.round(box.y2 + half)));
  return { x, y, width: right - x, height: bottom - y };
}

function drawBox(image: Canvas, { colour, polygon }: DrawnDetection, rect: PixelRect, lineWidthPx: number): void {
  // A dark rim on both sides keeps a line visible on a background of its own colour.
  if (polygon !== undefined) {
    if (lineWidthPx >= 2) strokePolygon(image, polygon, lineWidthPx + 2, HALO, HALO_OPACITY);
    strokePolygon(image, polygon, lineWidthPx, colour);
    return;
  }
  // A small object must stay visible inside its own box.
  const thickness = Math.max(1, Math.min(lineWidthPx, Math.floor(Math.min(rect.width, rect.height) / 6)));
  if (thickness >= 2) {
    strokeRect(image, grow(rect, 1), 1, HALO, HALO_OPACITY);
    strokeRect(image, grow(rect, -thickness), 1, HALO, HALO_OPACITY);
  }
  strokeRect(image, rect, thickness, colour);
}

function grow({ x, y, width, height }: PixelRect, by: number): PixelRect {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
