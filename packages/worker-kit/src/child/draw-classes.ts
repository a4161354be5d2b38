import type { Rgb } from '@lensgate/vision';
import type { Canvas } from './canvas.js';
import { fillRoundRect } from './draw-shapes.js';
import { type DrawStyle, drawStyleFor } from './draw-style.js';
import { drawTexts, fitText, lineHeightPx, oneLine, type PlacedText, textWidthPx } from './draw-text.js';

export interface DrawnClass {
  label: string;
  /** 0…1 */
  confidence: number;
  colour: Rgb;
}

const PANEL: Rgb = [17, 17, 17];
const PANEL_OPACITY = 0.78;
const TRACK: Rgb = [80, 80, 80];
const TEXT: Rgb = [255, 255, 255];
/** The picture is what the answer is about: the panel takes at most this much of its width and height. */
const WIDTH_SHARE_MAX = 0.62;
const HEIGHT_SHARE_MAX = 0.5;

/**
 * Draws the most likely classes as a panel of bars in the lower left corner, in place; the picture keeps its size. On
 * small pictures the panel has fewer rows, and where not even one row can be read, nothing is drawn.
 * @param classes most likely first; those are drawn whose names, at least their beginnings, have room
 * @returns whether anything was drawn
 */
export function drawTopClasses(
  image: Canvas,
  classes: readonly DrawnClass[],
  { rowsMax = 5, style = drawStyleFor(image) }: { rowsMax?: number; style?: DrawStyle } = {},
): boolean {
  const layout = panelLayout(image, Math.min(rowsMax, classes.length), style);
  if (layout === undefined) return false;
  const { fontPx, padding, margin, barPx, rowPx } = layout;
  const shares = classes.slice(0, layout.rows).map(({ confidence }) => `${(confidence * 100).toFixed(1)} %`);
  const shareWidth = Math.max(...shares.map((share) => textWidthPx(share, fontPx)));
  const gap = Math.round(fontPx * 0.7);
  const innerMax = Math.floor(image.width * WIDTH_SHARE_MAX) - 2 * padding;
  const fitted = classes
    .slice(0, layout.rows)
    .map(({ label }) => fitText(oneLine(label), fontPx, innerMax - shareWidth - gap));
  // A share without its name would pass the next class off as the best.
  const names = fitted.slice(0, fitted.indexOf('') < 0 ? fitted.length : fitted.indexOf(''));
  const rows = names.length;
  if (rows === 0) return false;
  const nameWidth = Math.max(...names.map((name) => textWidthPx(name, fontPx)));
  const inner = Math.min(innerMax, Math.max(nameWidth + gap + shareWidth, fontPx * 9));

  const panel = {
    x: margin,
    y: image.height - margin - rows * rowPx - 2 * padding + Math.round(fontPx * 0.35),
    width: inner + 2 * padding,
    height: rows * rowPx + 2 * padding - Math.round(fontPx * 0.35),
  };
  fillRoundRect(image, panel, fontPx / 3, PANEL, PANEL_OPACITY);
  const texts: PlacedText[] = [];
  for (let row = 0; row < rows; row++) {
    const { confidence, colour } = classes[row]!;
    const x = panel.x + padding;
    const y = panel.y + padding + row * rowPx;
    const barY = y + lineHeightPx(fontPx) + 1;
    const share = Number.isFinite(confidence) ? Math.min(1, Math.max(0, confidence)) : 0;
    fillRoundRect(image, { x, y: barY, width: inner, height: barPx }, barPx / 2, TRACK);
    const filled = Math.round(inner * share);
    if (filled > 0) fillRoundRect(image, { x, y: barY, width: filled, height: barPx }, barPx / 2, colour);
    const shareText = shares[row]!;
    const shareX = x + inner - textWidthPx(shareText, fontPx);
    texts.push(
      { text: names[row]!, fontPx, x, y, colour: TEXT },
      { text: shareText, fontPx, x: shareX, y, colour: TEXT },
    );
  }
  drawTexts(image, texts);
  return true;
}

function panelLayout(image: Canvas, rowsWanted: number, style: DrawStyle) {
  for (let rows = rowsWanted; rows >= 1; rows--) {
    for (const fontPx of [style.fontPx, Math.round(style.fontPx * 0.8)]) {
      if (fontPx < style.fontPxMin) continue;
      const padding = Math.round(fontPx * 0.6);
      const margin = Math.round(fontPx * 0.5);
      const barPx = Math.max(2, Math.round(fontPx * 0.22));
      const rowPx = lineHeightPx(fontPx) + barPx + Math.max(2, Math.round(fontPx * 0.45));
      if (rows * rowPx + 2 * padding <= image.height * HEIGHT_SHARE_MAX) {
        return { fontPx, rows, padding, margin, barPx, rowPx };
      }
    }
  }
  return undefined;
}
