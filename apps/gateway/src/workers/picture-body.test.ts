import { expect, test } from 'vitest';
import { pictureBody } from './picture-body.js';

const file = {
  name: 'file',
  filename: '옷 1.png',
  mimetype: 'image/png',
  chunks: [Buffer.from('pic'), Buffer.from('ture')],
};

test('a picture is the body, its fields and name the query', () => {
  const { search, contentType, bytes } = pictureBody({ a: 'b&c', none: undefined }, file);
  expect([...new URLSearchParams(search)]).toEqual([
    ['a', 'b&c'],
    ['filename', '옷 1.png'],
  ]);
  expect([contentType, bytes.toString()]).toEqual(['image/png', 'picture']);
});

test('fields that are too long for a query go into a form', () => {
  for (const names of ['x'.repeat(5_000), '옷'.repeat(500)]) {
    const { search, contentType, bytes } = pictureBody({ class_names: names }, file);
    expect([search, contentType.split(';')[0]]).toEqual(['', 'multipart/form-data']);
    expect(bytes.toString()).toContain(names);
  }
});

test.each(['text/html', 'image/png\r\nx: y', ''])('the media type %j is not passed on', (mimetype) => {
  expect(pictureBody({}, { ...file, mimetype }).contentType).toBe('application/octet-stream');
});
