import type { Words } from '@lensgate/contracts';
import { headText, startsLike } from './image-magic.js';

export const RAW_PICTURE: Words = { en: 'a raw camera picture', ko: '카메라 RAW 이미지' };

/** Formats that people send and that are not decoded, so that the refusal can name what was sent. */
const SIGNATURES: readonly (readonly [name: Words, ...patterns: string[]])[] = [
  [{ en: 'a HEIC picture', ko: 'HEIC 이미지' }, '????ftyphei', '????ftyphev'],
  [RAW_PICTURE, '????ftypcrx ', 'II*\0????CR'],
  [{ en: 'a video', ko: '동영상' }, '????ftyp', '\x1aE\xdf\xa3', 'RIFF????AVI '],
  [{ en: 'a PDF document', ko: 'PDF 문서' }, '%PDF'],
  [{ en: 'a JPEG XL picture', ko: 'JPEG XL 이미지' }, '\xff\x0a', '\0\0\0\x0cJXL '],
  [{ en: 'a JPEG 2000 picture', ko: 'JPEG 2000 이미지' }, '\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'],
  [{ en: 'a Photoshop document', ko: '포토샵 문서' }, '8BPS'],
  [{ en: 'an icon (ICO)', ko: '아이콘(ICO) 파일' }, '\0\0\x01\0?\0'],
  [{ en: 'a high dynamic range picture', ko: 'HDR 이미지' }, '#?RADIANCE', '\x76\x2f\x31\x01'],
  [{ en: 'a ZIP archive', ko: 'ZIP 압축 파일' }, 'PK\x03\x04'],
  [{ en: 'a gzip archive', ko: 'gzip 압축 파일' }, '\x1f\x8b'],
  [{ en: 'a NumPy array', ko: 'NumPy 배열' }, '\x93NUMPY'],
  [
    {
      en: 'text: a data: URL, not the picture itself; decode its Base64 first',
      ko: '이미지가 아니라 data: URL 텍스트',
    },
    'data:image/',
  ],
  [
    { en: 'text: Base64, not the picture itself; decode it first', ko: '이미지가 아니라 Base64 텍스트' },
    'iVBORw0KGgo',
    '/9j/',
    'UklGR',
    'R0lGOD',
  ],
];

/** `a PDF document`, `an SVG drawing`, `text`, …; undefined where nothing is recognised. */
export function sniffForeignFormat(bytes: Uint8Array): Words | undefined {
  const head = headText(bytes, 1024);
  // `mif1` only says "some HEIF picture"; the compatible brands that follow tell which.
  if (startsLike(head, '????ftypmif1') || startsLike(head, '????ftypmsf1')) {
    return /hei[cxms]/.test(head.slice(12, 64))
      ? { en: 'a HEIC picture', ko: 'HEIC 이미지' }
      : { en: 'a HEIF picture', ko: 'HEIF 이미지' };
  }
  for (const [name, ...patterns] of SIGNATURES) {
    if (patterns.some((pattern) => startsLike(head, pattern))) return name;
  }
  if (/^P[1-7]\s/.test(head)) return { en: 'a netpbm picture', ko: 'netpbm 이미지' };
  const text = Buffer.from(head, 'latin1')
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (text.startsWith('<') && /<svg[\s/>]/i.test(text)) return { en: 'an SVG drawing', ko: 'SVG 그림' };
  if (/^<(!doctype )?html/i.test(text)) return { en: 'a web page', ko: '웹 페이지' };
  return isText(text) ? { en: 'text', ko: '텍스트 파일' } : undefined;
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
