import type { Rgb } from '@lensgate/vision';
import type { Canvas } from './canvas.js';

/** A rectangle of whole pixels. */
export interface PixelRect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Mixes a colour into one pixel; `opacity` 0…1. The pixel must lie inside. */
export function blendPixel(image: Canvas, x: number, y: number, colour: Rgb, opacity: number): void {
  const { data } = image;
  const at = (y * image.width + x) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const under = data[at + channel]!;
    data[at + channel] = under + (colour[channel]! - under) * opacity + 0.5;
  }
}

/** Fills a rectangle, cut to the picture. */
function fillRect(image: Canvas, rect: PixelRect, colour: Rgb, opacity = 1): void {
  const x1 = Math.max(0, rect.x);
  const y1 = Math.max(0, rect.y);
  const x2 = Math.min(image.width, rect.x + rect.width);
  const y2 = Math.min(image.height, rect.y + rect.height);
  if (opacity < 1) {
    for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) blendPixel(image, x, y, colour, opacity);
    return;
  }
  for (let y = y1; y < y2; y++) {
    for (let x = x1, at = (y * image.width + x1) * 3; x < x2; x++, at += 3) {
      image.data[at] = colour[0];
      image.data[at + 1] = colour[1];
      image.data[at + 2] = colour[2];
    }
  }
}

/** Fills a rectangle with round corners, anti-aliased, cut to the picture. */
export function fillRoundRect(image: Canvas, rect: PixelRect, radius: number, colour: Rgb, opacity = 1): void {
  const round = Math.min(Math.ceil(radius), rect.width >> 1, rect.height >> 1);
  fillRect(image, { ...rect, y: rect.y + round, height: rect.height - 2 * round }, colour, opacity);
  const inner = { x: rect.x + round, width: rect.width - 2 * round, height: round };
  fillRect(image, { ...inner, y: rect.y }, colour, opacity);
  fillRect(image, { ...inner, y: rect.y + rect.height - round }, colour, opacity);
  for (let dy = 0; dy < round; dy++) {
    for (let dx = 0; dx < round; dx++) {
      const distance = Math.hypot(round - dx - 0.5, round - dy - 0.5);
      const coverage = Math.min(1, Math.max(0, round - distance + 0.5)) * opacity;
      for (const y of [rect.y + dy, rect.y + rect.height - 1 - dy]) {
        for (const x of [rect.x + dx, rect.x + rect.width - 1 - dx]) {
          if (x >= 0 && y >= 0 && x < image.width && y < image.height) blendPixel(image, x, y, colour, coverage);
        }
      }
    }
  }
}

/** Draws a frame `thickness` px wide along the inside of a rectangle. */
export function strokeRect(image: Canvas, rect: PixelRect, thickness: number, colour: Rgb, opacity = 1): void {
  const { x, y, width, height } = rect;
  const edge = Math.min(thickness, Math.ceil(Math.min(width, height) / 2));
  fillRect(image, { x, y, width, height: edge }, colour, opacity);
  fillRect(image, { x, y: y + height - edge, width, height: edge }, colour, opacity);
  fillRect(image, { x, y: y + edge, width: edge, height: height - 2 * edge }, colour, opacity);
  fillRect(image, { x: x + width - edge, y: y + edge, width: edge, height: height - 2 * edge }, colour, opacity);
}

/**
 * Draws a straight line with round ends, anti-aliased. Its cost follows the part inside the picture: coordinates far
 * outside are cut first.
 * @param line ends in px; pixel (0, 0) covers 0…1
 */
export function strokeLine(
  image: Canvas,
  line: { x1: number; y1: number; x2: number; y2: number },
  thickness: number,
  colour: Rgb,
  opacity = 1,
): void {
  const radius = thickness / 2;
  const clipped = clipLine(line, -radius - 1, -radius - 1, image.width + radius + 1, image.height + radius + 1);
  if (clipped === undefined) return;
  const { x1, y1, x2, y2 } = clipped;
  const [dx, dy] = [x2 - x1, y2 - y1];
  const lengthSquared = dx * dx + dy * dy;
  const reach = radius + 1;
  const yFrom = Math.max(0, Math.floor(Math.min(y1, y2) - reach));
  const yTo = Math.min(image.height - 1, Math.ceil(Math.max(y1, y2) + reach));
  for (let y = yFrom; y <= yTo; y++) {
    // Only the part of the row that the line passes, so that a long diagonal does not visit its whole bounding box.
    const [near, far] = rowSpan(clipped, y + 0.5, reach);
    const xFrom = Math.max(0, Math.floor(near));
    const xTo = Math.min(image.width - 1, Math.ceil(far));
    for (let x = xFrom; x <= xTo; x++) {
      const [px, py] = [x + 0.5 - x1, y + 0.5 - y1];
      const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const coverage = Math.min(1, radius + 0.5 - Math.hypot(px - along * dx, py - along * dy));
      if (coverage > 0) blendPixel(image, x, y, colour, coverage * opacity);
    }
  }
}

/** Fills a disc, anti-aliased. */
export function fillDisc(image: Canvas, centre: { x: number; y: number }, radius: number, colour: Rgb): void {
  strokeLine(image, { x1: centre.x, y1: centre.y, x2: centre.x, y2: centre.y }, radius * 2, colour);
}

/** Draws the outline of a closed polygon. @param points [n, 2] x, y in px */
export function strokePolygon(image: Canvas, points: ArrayLike<number>, thickness: number, colour: Rgb, opacity = 1) {
  const corners = points.length >> 1;
  for (let corner = 0; corner < corners; corner++) {
    const next = (corner + 1) % corners;
    const line = {
      x1: points[2 * corner]!,
      y1: points[2 * corner + 1]!,
      x2: points[2 * next]!,
      y2: points[2 * next + 1]!,
    };
    strokeLine(image, line, thickness, colour, opacity);
  }
}

interface Line {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Where a line grown by `reach` meets the row at height y: [from, to] in px. */
function rowSpan({ x1, y1, x2, y2 }: Line, y: number, reach: number): [number, number] {
  const [left, right] = x1 <= x2 ? [x1, x2] : [x2, x1];
  const steepness = Math.abs(y2 - y1);
  if (steepness < 1e-6) return [left - reach, right + reach];
  const slope = (x2 - x1) / (y2 - y1);
  const centre = x1 + (y - y1) * slope;
  // Perpendicular reach seen along the row.
  const half = reach * Math.hypot(1, slope);
  return [Math.max(left - reach, centre - half), Math.min(right + reach, centre + half)];
}

/** Liang–Barsky clipping; undefined where nothing is inside or a coordinate is not a number. */
function clipLine(
  { x1, y1, x2, y2 }: Line,
  left: number,
  top: number,
  right: number,
  bottom: number,
): Line | undefined {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return undefined;
  const [dx, dy] = [x2 - x1, y2 - y1];
  let enter = 0;
  let leave = 1;
  for (const [step, room] of [
    [-dx, x1 - left],
    [dx, right - x1],
    [-dy, y1 - top],
    [dy, bottom - y1],
  ] as const) {
    if (step === 0) {
      if (room < 0) return undefined;
      continue;
    }
    const at = room / step;
    if (step < 0) enter = Math.max(enter, at);
    else leave = Math.min(leave, at);
  }
  if (enter > leave) return undefined;
  return { x1: x1 + enter * dx, y1: y1 + enter * dy, x2: x1 + leave * dx, y2: y1 + leave * dy };
}
