import { expect, test } from 'vitest';
import { bytesText, confidenceText, cornersText, durationText, percentText } from './format.js';

test('a confidence has two decimals', () => {
  expect([0.8654, 0.3, 1, 0].map(confidenceText)).toEqual(['0.87', '0.30', '1.00', '0.00']);
});

test('shares are per cent with one decimal', () => {
  expect([0.8734, 1, 0].map(percentText)).toEqual(['87.3%', '100.0%', '0.0%']);
});

test('short times keep a decimal, long ones become seconds', () => {
  expect([0.04, 3.44, 9.96, 123.4, 4_203].map(durationText)).toEqual(['0.0 ms', '3.4 ms', '10 ms', '123 ms', '4.20 s']);
});

test('corners are whole pixels', () => {
  expect(cornersText({ x1: 60.7, y1: 140.2, x2: 111, y2: 211.5 })).toBe('61, 140 – 111, 212');
});

test('sizes of files are in units of 1024', () => {
  expect([12, 259_072, 4_300_000].map(bytesText)).toEqual(['12 B', '253 KB', '4.1 MB']);
});
