import type { Rgb } from '@lensgate/vision';
import type { Canvas } from './canvas.js';
import { fillDisc, strokeLine } from './draw-shapes.js';
import { type DrawStyle, drawStyleFor } from './draw-style.js';

export interface DrawnKeypoint {
  /** px of the picture */
  x: number;
  y: number;
  /** 0…1; absent where the model gives none */
  confidence?: number;
}

/** Pairs of keypoint numbers that a limb joins. */
export type Skeleton = readonly (readonly [from: number, to: number])[];

/** The 17 COCO keypoints' limbs, numbered from 0 (person_keypoints annotations, `skeleton` − 1). */
export const COCO_SKELETON: Skeleton = [
  [15, 13],
  [13, 11],
  [16, 14],
  [14, 12],
  [11, 12],
  [5, 11],
  [6, 12],
  [5, 6],
  [5, 7],
  [6, 8],
  [7, 9],
  [8, 10],
  [1, 2],
  [0, 1],
  [0, 2],
  [1, 3],
  [2, 4],
  [3, 5],
  [4, 6],
];

const RIM: Rgb = [17, 17, 17];

/** Draws one instance's limbs and points, in place. A point at or below `confidenceMin`, and its limbs, is left out. */
export function drawKeypoints(
  image: Canvas,
  keypoints: readonly DrawnKeypoint[],
  options: { colour: Rgb; skeleton: Skeleton; confidenceMin: number; style?: DrawStyle },
): void {
  const { colour, skeleton, confidenceMin, style = drawStyleFor(image) } = options;
  const isShown = (point: DrawnKeypoint | undefined): point is DrawnKeypoint =>
    point !== undefined && Number.isFinite(point.x + point.y) && (point.confidence ?? 1) > confidenceMin;
  for (const [from, to] of skeleton) {
    const [start, end] = [keypoints[from], keypoints[to]];
    if (!isShown(start) || !isShown(end)) continue;
    const line = { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
    if (style.lineWidthPx >= 2) strokeLine(image, line, style.lineWidthPx + 2, RIM, 0.35);
    strokeLine(image, line, style.lineWidthPx, colour);
  }
  const radius = style.lineWidthPx * 1.2 + 0.8;
  for (const point of keypoints) {
    if (!isShown(point)) continue;
    fillDisc(image, point, radius + 1, RIM);
    fillDisc(image, point, radius, colour);
  }
}
