import { expect, test } from 'vitest';
import { placeTags, tagHeightPx, tagWidthPx } from './place-tags.js';

const frame = { widthPx: 400, heightPx: 300 };
const tag = (x1: number, y1: number, x2: number, y2: number, text = 'coat 0.90') => ({ x1, y1, x2, y2, text });

test('a tag stands on its box', () => {
  expect(placeTags([tag(100, 100, 200, 200)], frame)).toEqual([{ left: 100, top: 100 - tagHeightPx, isFree: true }]);
});

test('at the upper edge it moves into its box', () => {
  expect(placeTags([tag(100, 2, 200, 200)], frame)[0]).toMatchObject({ top: 2 });
});

test('at the right edge it stays in the frame', () => {
  const [place] = placeTags([tag(390, 100, 398, 200)], frame);
  expect(place?.left).toBe(400 - tagWidthPx('coat 0.90'));
});

test('tags of boxes on the same thing do not cover each other', () => {
  const tags = [tag(100, 100, 200, 200), tag(101, 99, 201, 201), tag(99, 101, 199, 199)];
  const places = placeTags(tags, frame);
  expect(places.every(({ isFree }) => isFree)).toBe(true);
  for (const [index, a] of places.entries()) {
    for (const b of places.slice(index + 1)) {
      const apart = Math.abs(a.top - b.top) >= tagHeightPx || Math.abs(a.left - b.left) >= tagWidthPx('coat 0.90');
      expect(apart, JSON.stringify([a, b])).toBe(true);
    }
  }
});

test('where there is no room left, the least important give way', () => {
  const places = placeTags(
    Array.from({ length: 30 }, () => tag(100, 100, 140, 140)),
    frame,
  );
  expect(places[0]?.isFree).toBe(true);
  expect(places.at(-1)?.isFree).toBe(false);
});

test('Hangul takes more room than Latin', () => {
  expect(tagWidthPx('운동화')).toBeGreaterThan(tagWidthPx('abc'));
});

test('a text that is wider than the picture is cut at its width, and others still find a place', () => {
  const long = 'n'.repeat(200);
  const places = placeTags([tag(300, 100, 380, 200, long), tag(300, 100, 380, 200)], frame);
  expect(places).toEqual([
    { left: 0, top: 100 - tagHeightPx, isFree: true },
    { left: 300, top: 100, isFree: true },
  ]);
});
