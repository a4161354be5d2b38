import type { Rgb } from '@lensgate/vision';
import { textColourOn } from '@lensgate/vision';
import type { Canvas } from './canvas.js';
import { fillRoundRect, type PixelRect } from './draw-shapes.js';
import type { DrawStyle } from './draw-style.js';
import { drawTexts, fitText, lineHeightPx, oneLine, type PlacedText, textWidthPx } from './draw-text.js';

export interface LabelRequest {
  /** What is cut when there is no room. */
  name: string;
  /** What is kept: a confidence. */
  suffix: string;
  colour: Rgb;
  /** The box that the label belongs to, whole px. */
  anchor: PixelRect;
}

export interface PlacedLabel {
  /** Empty where only the suffix fits. */
  name: string;
  suffix: string;
  fontPx: number;
  rect: PixelRect;
  colour: Rgb;
}

const SMALLER = 0.75;
/** A label may take this share of the picture's height at most: a thumbnail is not to be hidden by its labels. */
const HEIGHT_SHARE_MAX = 0.22;
/** Rectangles are looked up by coarse rows, so that the work stays bounded for a thousand labels. */
const ROW_PX = 64;

/**
 * Finds room for labels, the first request first: above the box, inside at its top, below it, inside at its bottom, at
 * either side's edge; then the same in a smaller font. No label leaves the picture or covers another; one without room
 * is left out, its box still says where the object is.
 */
export function placeLabels(
  requests: readonly LabelRequest[],
  picture: { width: number; height: number },
  style: DrawStyle,
): PlacedLabel[] {
  const taken = new Map<number, PixelRect[]>();
  const placed: PlacedLabel[] = [];
  const sizes = [style.fontPx, Math.round(style.fontPx * SMALLER)].filter(
    (fontPx, index) => (index === 0 || fontPx < style.fontPx) && fontPx >= style.fontPxMin,
  );
  for (const request of requests) {
    for (const fontPx of sizes) {
      const label = placeOne(request, picture, fontPx, style, taken);
      if (label === undefined) continue;
      placed.push(label);
      for (const row of rowsOf(label.rect)) taken.set(row, [...(taken.get(row) ?? []), label.rect]);
      break;
    }
  }
  return placed;
}

/** Draws labels as filled plates in their class's colour. */
export function drawLabels(image: Canvas, labels: readonly PlacedLabel[]): void {
  // Name and suffix are drawn apart: there are few different ones of each, and each is rendered only once.
  const texts = labels.flatMap(({ name, suffix, fontPx, rect, colour }): PlacedText[] => {
    fillRoundRect(image, rect, Math.max(1, fontPx / 6), colour);
    const padding = paddingPx(fontPx);
    const [x, y] = [rect.x + padding.x, rect.y + padding.y];
    const style = { fontPx, y, colour: textColourOn(colour) };
    const suffixX = rect.x + rect.width - padding.x - textWidthPx(suffix, fontPx);
    return [
      { ...style, text: name, x },
      { ...style, text: suffix, x: suffixX },
    ].filter(({ text }) => text !== '');
  });
  drawTexts(image, texts);
}

const paddingPx = (fontPx: number) => ({ x: Math.max(2, Math.round(fontPx * 0.3)), y: Math.round(fontPx * 0.1) });

function placeOne(
  request: LabelRequest,
  picture: { width: number; height: number },
  fontPx: number,
  style: DrawStyle,
  taken: ReadonlyMap<number, PixelRect[]>,
): PlacedLabel | undefined {
  const padding = paddingPx(fontPx);
  const height = lineHeightPx(fontPx) + 2 * padding.y;
  if (height > picture.height * HEIGHT_SHARE_MAX) return undefined;
  const text = labelText(request, fontPx, picture.width - 2 * padding.x);
  if (text === undefined) return undefined;
  const width = text.widthPx + 2 * padding.x;
  for (const spot of candidates(request.anchor, { width, height }, style.lineWidthPx)) {
    if (spot.y < 0 || spot.y + height > picture.height) continue;
    const rect = { ...spot, x: Math.min(Math.max(0, spot.x), picture.width - width) };
    if (isFree(rect, taken)) return { name: text.name, suffix: text.suffix, fontPx, rect, colour: request.colour };
  }
  return undefined;
}

/** Name and suffix, the name cut where it has to be; undefined where not even the suffix fits. */
function labelText(
  request: LabelRequest,
  fontPx: number,
  widthMaxPx: number,
): { name: string; suffix: string; widthPx: number } | undefined {
  const { suffix } = request;
  const suffixPx = suffix === '' ? 0 : textWidthPx(suffix, fontPx);
  const gapPx = suffix === '' ? 0 : Math.round(fontPx * 0.25);
  const name = fitText(oneLine(request.name), fontPx, widthMaxPx - suffixPx - gapPx);
  if (name !== '') return { name, suffix, widthPx: textWidthPx(name, fontPx) + gapPx + suffixPx };
  return suffix !== '' && suffixPx <= widthMaxPx ? { name, suffix, widthPx: suffixPx } : undefined;
}

function* candidates(
  anchor: PixelRect,
  { width, height }: { width: number; height: number },
  lineWidthPx: number,
): Generator<PixelRect> {
  const left = anchor.x;
  const right = anchor.x + anchor.width - width;
  const above = anchor.y - height;
  const below = anchor.y + anchor.height;
  const insideTop = anchor.y + lineWidthPx;
  const insideBottom = below - lineWidthPx - height;
  const fitsInside = anchor.width >= width + 2 * lineWidthPx && anchor.height >= height + 2 * lineWidthPx;
  const spots: [x: number, y: number][] = [
    [left, above],
    ...(fitsInside ? ([[left + lineWidthPx, insideTop]] as [number, number][]) : []),
    [right, above],
    [left, below],
    [right, below],
    ...(fitsInside
      ? ([
          [right - lineWidthPx, insideTop],
          [left + lineWidthPx, insideBottom],
          [right - lineWidthPx, insideBottom],
        ] as [number, number][])
      : []),
    [anchor.x + anchor.width, anchor.y],
    [anchor.x - width, anchor.y],
    // The last resort is a plate across a box that is smaller than its label and touches the picture's edges.
    [left, insideTop],
  ];
  for (const [x, y] of spots) yield { x, y, width, height };
}

function isFree(rect: PixelRect, taken: ReadonlyMap<number, PixelRect[]>): boolean {
  for (const row of rowsOf(rect)) {
    for (const other of taken.get(row) ?? []) {
      const isApart =
        rect.x >= other.x + other.width ||
        other.x >= rect.x + rect.width ||
        rect.y >= other.y + other.height ||
        other.y >= rect.y + rect.height;
      if (!isApart) return false;
    }
  }
  return true;
}

function* rowsOf({ y, height }: PixelRect): Generator<number> {
  for (let row = Math.floor(y / ROW_PX); row <= Math.floor((y + height - 1) / ROW_PX); row++) yield row;
}
