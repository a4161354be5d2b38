import type { Rgb } from '@lensgate/vision';
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { Canvas } from './canvas.js';
import { blendPixel } from './draw-shapes.js';
import { LABEL_FONT_FAMILY, registerFonts } from './fonts.js';

/** A line of text to be drawn: its left edge and the top of its line box, px. */
export interface PlacedText {
  text: string;
  fontPx: number;
  x: number;
  y: number;
  colour: Rgb;
}

/** Height of a line box; Hangul and descenders stay inside. */
export const lineHeightPx = (fontPx: number): number => Math.ceil(fontPx * 1.2);

const BASELINE_SHARE = 0.93;
const ATLAS_WIDTH_PX = 2048;
const TEXT_LENGTH_MAX = 64;

let measuring: SKRSContext2D | undefined;

/** Width of a line of text, px, rounded up. */
export function textWidthPx(text: string, fontPx: number): number {
  registerFonts();
  measuring ??= createCanvas(1, 1).getContext('2d');
  measuring.font = fontOf(fontPx);
  return Math.ceil(measuring.measureText(text).width);
}

/** One short line: control characters and line breaks become spaces, and what is too long ends in an ellipsis. */
export function oneLine(text: string): string {
  const clean = text
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  const characters = [...clean];
  return characters.length <= TEXT_LENGTH_MAX ? clean : `${characters.slice(0, TEXT_LENGTH_MAX - 1).join('')}…`;
}

/** The longest beginning of the text that fits, with an ellipsis; empty where not even one character does. */
export function fitText(text: string, fontPx: number, widthMaxPx: number): string {
  if (textWidthPx(text, fontPx) <= widthMaxPx) return text;
  const characters = [...text];
  let fits = 0;
  let tooLong = characters.length;
  while (fits + 1 < tooLong) {
    const middle = (fits + tooLong) >> 1;
    if (textWidthPx(`${characters.slice(0, middle).join('')}…`, fontPx) <= widthMaxPx) fits = middle;
    else tooLong = middle;
  }
  return fits === 0 ? '' : `${characters.slice(0, fits).join('').trimEnd()}…`;
}

/**
 * Draws lines of text. Each different text is rendered once, on a small canvas of their own, and mixed in from there:
 * reading a canvas of the whole picture's size back costs more than everything else that is drawn.
 */
export function drawTexts(image: Canvas, texts: readonly PlacedText[]): void {
  if (texts.length === 0) return;
  const { slots, width, height } = packTexts(texts);
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#fff';
  for (const { text, fontPx, x, y } of slots.values()) {
    context.font = fontOf(fontPx);
    context.fillText(text, x, y + Math.round(fontPx * BASELINE_SHARE));
  }
  const ink = canvas.data();
  for (const text of texts) blendInk(image, text, ink, width, slots.get(slotKey(text))!);
}

/** Where on the small canvas a text stands. */
interface Slot {
  text: string;
  fontPx: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

const slotKey = ({ text, fontPx }: { text: string; fontPx: number }) => `${fontPx} ${text}`;

function packTexts(texts: readonly PlacedText[]): { slots: Map<string, Slot>; width: number; height: number } {
  const slots = new Map<string, Slot>();
  let [x, y, rowHeight, usedWidth] = [0, 0, 0, 1];
  for (const { text, fontPx } of texts) {
    const key = slotKey({ text, fontPx });
    if (slots.has(key)) continue;
    const [width, height] = [textWidthPx(text, fontPx) + 1, lineHeightPx(fontPx)];
    if (x > 0 && x + width > ATLAS_WIDTH_PX) [x, y, rowHeight] = [0, y + rowHeight, 0];
    slots.set(key, { text, fontPx, x, y, width, height });
    x += width;
    usedWidth = Math.max(usedWidth, x);
    rowHeight = Math.max(rowHeight, height);
  }
  return { slots, width: usedWidth, height: y + rowHeight };
}

/** White on black: any colour channel of the atlas is the text's coverage. */
function blendInk(image: Canvas, text: PlacedText, ink: Uint8Array, inkWidth: number, slot: Slot): void {
  const yTo = Math.min(slot.height, image.height - text.y);
  const xTo = Math.min(slot.width, image.width - text.x);
  for (let dy = Math.max(0, -text.y); dy < yTo; dy++) {
    for (let dx = Math.max(0, -text.x); dx < xTo; dx++) {
      const coverage = ink[((slot.y + dy) * inkWidth + slot.x + dx) * 4]!;
      if (coverage > 0) blendPixel(image, text.x + dx, text.y + dy, text.colour, coverage / 255);
    }
  }
}

function fontOf(fontPx: number): string {
  return `${fontPx}px "${LABEL_FONT_FAMILY}"`;
}
