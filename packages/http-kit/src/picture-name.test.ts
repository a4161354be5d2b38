import { expect, test } from 'vitest';
import { pictureName } from './picture-name.js';

test.each([
  ['옷.png', 'image/jpeg', '옷.png'],
  ['', 'image/jpeg', 'image.jpg'],
  ['', 'IMAGE/PNG', 'image.png'],
  ['', 'image/tiff', 'image.tif'],
  ['', 'application/octet-stream', 'image'],
  ['', '', 'image'],
])('%j of %s is called %s', (filename, mimetype, name) => {
  expect(pictureName({ filename, mimetype })).toBe(name);
});
