import { describe, expect, test } from 'vitest';
import { seeded, wholeBetween } from '../../test/seeded.js';
import { outerContours } from './contours.js';
import { type Mask, maskOf, windowMask } from './mask.js';

/** A mask drawn in rows of characters, `#` is set. */
function drawn(...rows: string[]): Mask {
  return maskOf(
    { width: rows[0]!.length, height: rows.length },
    [...rows.join('')].map((c) => (c === '#' ? 1 : 0)),
  );
}

const points = (mask: Mask) => outerContours(mask).map((ring) => Array.from(ring).join(' '));

/** Px of the border that separates parts from the background around everything, by flooding that background. */
function plainBorder({ width, height, data }: Mask): Set<number> {
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[y * width + x]!);
  const flooded = new Set<string>();
  const border = new Set<number>();
  const queue: [number, number][] = [[-1, -1]];
  while (queue.length > 0) {
    const [x, y] = queue.pop()!;
    if (x < -1 || y < -1 || x > width || y > height) continue;
    if (at(x, y) === 1) {
      border.add(y * width + x);
      continue;
    }
    if (flooded.has(`${x},${y}`)) continue;
    flooded.add(`${x},${y}`);
    queue.push([x + 1, y], [x - 1, y], [x, y + 1], [x, y - 1]);
  }
  return border;
}

/** Every px that a ring passes. */
function passed(ring: Int32Array, width: number): Set<number> {
  const result = new Set<number>();
  const count = ring.length / 2;
  for (let i = 0; i < count; i++) {
    let [x, y] = [ring[i * 2]!, ring[i * 2 + 1]!];
    const next = (i + 1) % count;
    const [toX, toY] = [ring[next * 2]!, ring[next * 2 + 1]!];
    const isStraight = x === toX || y === toY || Math.abs(x - toX) === Math.abs(y - toY);
    expect(isStraight).toBe(true);
    result.add(y * width + x);
    while (x !== toX || y !== toY) {
      x += Math.sign(toX - x);
      y += Math.sign(toY - y);
      result.add(y * width + x);
    }
  }
  return result;
}

describe('outerContours', () => {
  test('a rectangle is its four corners, from the upper left one down', () => {
    expect(points(drawn('.....', '.###.', '.###.', '.....'))).toEqual(['1 1 1 2 3 2 3 1']);
  });

  test('a rectangle that fills the frame is found too', () => {
    expect(points(drawn('##', '##'))).toEqual(['0 0 0 1 1 1 1 0']);
  });

  test('one pixel is one point, a line its two ends', () => {
    expect(points(drawn('...', '.#.', '...'))).toEqual(['1 1']);
    expect(points(drawn('####'))).toEqual(['0 0 3 0']);
  });

  test('parts that touch at a corner are one', () => {
    expect(points(drawn('#..', '.#.', '..#'))).toEqual(['0 0 2 2']);
  });

  test('the part found last comes first', () => {
    expect(points(drawn('#.#', '...', '#..'))).toEqual(['0 2', '2 0', '0 0']);
  });

  test('a hole and a part inside it are lost, a part right of it is not', () => {
    const mask = drawn('#####..', '#...#..', '#.#.#.#', '#...#..', '#####..');
    expect(points(mask)).toEqual(['6 2', '0 0 0 4 4 4 4 0']);
  });

  test('a window gives px of its frame', () => {
    const window = { left: 10, top: 20, width: 2, height: 1 };
    const mask = windowMask({ width: 50, height: 50 }, window, { data: Uint8Array.of(1, 1), area: 2 });
    expect(points(mask)).toEqual(['10 20 11 20']);
  });

  test('nothing set gives nothing', () => {
    expect(points(drawn('...', '...'))).toEqual([]);
  });

  test('rings pass exactly the border to the surrounding background, on random masks', () => {
    const random = seeded(1);
    for (let round = 0; round < 200; round++) {
      const frame = { width: wholeBetween(1, 24, random), height: wholeBetween(1, 24, random) };
      const density = 0.2 + 0.75 * random();
      const length = frame.width * frame.height;
      const mask = maskOf(
        frame,
        Uint8Array.from({ length }, () => (random() < density ? 1 : 0)),
      );
      const found = new Set<number>();
      for (const ring of outerContours(mask)) for (const px of passed(ring, frame.width)) found.add(px);
      expect([...found].sort((a, b) => a - b)).toEqual([...plainBorder(mask)].sort((a, b) => a - b));
    }
  });
});
