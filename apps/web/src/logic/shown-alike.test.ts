import { expect, test } from 'vitest';
import { isShownAlike } from './shown-alike.js';

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.each([
  ['JPEG', '\xff\xd8\xff\xe1', true],
  ['PNG', '\x89PNG\r\n\x1a\n', true],
  ['plain WebP', 'RIFF\0\0\0\0WEBPVP8 ', true],
  ['WebP with alpha', 'RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10', true],
  ['WebP with EXIF', 'RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x08', false],
  ['animated WebP', 'RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x12', false],
  ['GIF', 'GIF89a\x01\0', false],
  ['nothing', '', true],
])('%s', (_name, head, isAlike) => {
  expect(isShownAlike(bytesOf(head))).toBe(isAlike);
});
