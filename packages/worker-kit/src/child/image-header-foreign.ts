import { headText, startsLike } from './image-magic.js';

/** Formats that people send and that are not decoded, so that the refusal can name what was sent. */
const SIGNATURES: readonly (readonly [name: string, ...patterns: string[]])[] = [
  ['a HEIC picture', '????ftyphei', '????ftyphev'],
  ['a raw camera picture', '????ftypcrx ', 'II*\0????CR'],
  ['a video', '????ftyp', '\x1aE\xdf\xa3', 'RIFF????AVI '],
  ['a PDF document', '%PDF'],
  ['a JPEG XL picture', '\xff\x0a', '\0\0\0\x0cJXL '],
  ['a JPEG 2000 picture', '\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'],
  ['a Photoshop document', '8BPS'],
  ['an icon (ICO)', '\0\0\x01\0?\0'],
  ['a high dynamic range picture', '#?RADIANCE', '\x76\x2f\x31\x01'],
  ['a ZIP archive', 'PK\x03\x04'],
  ['a gzip archive', '\x1f\x8b'],
  ['a NumPy array', '\x93NUMPY'],
  ['text: a data: URL, not the picture itself; decode its Base64 first', 'data:image/'],
  ['text: Base64, not the picture itself; decode it first', 'iVBORw0KGgo', '/9j/', 'UklGR', 'R0lGOD'],
];

/** `a PDF document`, `an SVG drawing`, `text`, …; undefined where nothing is recognised. */
export function sniffForeignFormat(bytes: Uint8Array): string | undefined {
  const head = headText(bytes, 1024);
  // `mif1` only says "some HEIF picture"; the compatible brands that follow tell which.
  if (startsLike(head, '????ftypmif1') || startsLike(head, '????ftypmsf1')) {
    return /hei[cxms]/.test(head.slice(12, 64)) ? 'a HEIC picture' : 'a HEIF picture';
  }
  for (const [name, ...patterns] of SIGNATURES) {
    if (patterns.some((pattern) => startsLike(head, pattern))) return name;
  }
  if (/^P[1-7]\s/.test(head)) return 'a netpbm picture';
  const text = Buffer.from(head, 'latin1')
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (text.startsWith('<') && /<svg[\s/>]/i.test(text)) return 'an SVG drawing';
  if (/^<(!doctype )?html/i.test(text)) return 'a web page';
  return isText(text) ? 'text' : undefined;
}

function isText(text: string): boolean {
  // The last character may be one of several bytes that was cut in the middle.
  const whole = text.slice(0, -3);
  for (const character of whole) {
    const code = character.codePointAt(0)!;
    if (code < 9 || (code > 13 && code < 32) || code === 0xfffd) return false;
  }
  return whole.length > 0;
}
