import { describe, expect, test } from 'vitest';
import { seeded } from '../../test/seeded.js';
import { type NmsOptions, nms } from './nms.js';

const f = Math.fround;

/** Suppression as it is told: sort, take the best, strike what overlaps it, repeat. */
function plainNms(boxes: Float32Array, scores: Float32Array, classes: Int32Array, options: NmsOptions): number[] {
  const shift = (i: number) => (options.scope === 'agnostic' ? 0 : classes[i]! * 7680);
  const box = (i: number) =>
    [0, 1, 2, 3].map((k) => f(boxes[i * 4 + k]! + shift(i))) as [number, number, number, number];
  const area = ([x1, y1, x2, y2]: number[]) => f(f(x2! - x1!) * f(y2! - y1!));
  const iou = (i: number, j: number) => {
    const [a, b] = [box(i), box(j)];
    const width = Math.max(f(Math.min(a[2], b[2]) - Math.max(a[0], b[0])), 0);
    const height = Math.max(f(Math.min(a[3], b[3]) - Math.max(a[1], b[1])), 0);
    const overlap = f(width * height);
    return f(overlap / f(f(area(a) + area(b)) - overlap));
  };
  let order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  const kept: number[] = [];
  while (order.length > 0) {
    const [best, ...rest] = order;
    kept.push(best!);
    order = rest.filter((i) => !(iou(best!, i) > f(options.iouMax)));
  }
  return kept.slice(0, options.countMax);
}

function boxesOf(count: number, seed: number) {
  const random = seeded(seed);
  const boxes = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) {
    const x = random() * 100;
    const y = random() * 100;
    boxes.set([x, y, x + random() * 60, y + random() * 60], i * 4);
  }
  const scores = Float32Array.from({ length: count }, () => Math.round(random() * 50) / 50);
  const classes = Int32Array.from({ length: count }, () => Math.floor(random() * 4) * 20);
  return { boxes, scores, classes };
}

describe('nms', () => {
  test.each([
    { scope: 'per-class', iouMax: 0.45, countMax: 300 },
    { scope: 'agnostic', iouMax: 0.45, countMax: 300 },
    { scope: 'agnostic', iouMax: 0, countMax: 300 },
    { scope: 'per-class', iouMax: 1, countMax: 7 },
  ] as const)('equals the plain telling with $scope, IoU $iouMax, at most $countMax', (options) => {
    for (const [seed, count] of [0, 1, 2, 40, 250].entries()) {
      const { boxes, scores, classes } = boxesOf(count, seed);
      expect(Array.from(nms(boxes, scores, classes, options))).toEqual(plainNms(boxes, scores, classes, options));
    }
  });

  test('an IoU that equals the threshold does not suppress', () => {
    const boxes = Float32Array.of(0, 0, 2, 1, 0, 0, 1, 1);
    const kept = (iouMax: number) =>
      nms(boxes, Float32Array.of(0.9, 0.8), new Int32Array(2), { iouMax, scope: 'agnostic', countMax: 9 }).length;
    expect([kept(0.5), kept(0.499)]).toEqual([2, 1]);
  });

  test('a box suppressed by a better one suppresses nothing itself', () => {
    const boxes = Float32Array.of(0, 0, 10, 10, 4, 0, 14, 10, 8, 0, 18, 10);
    const kept = nms(boxes, Float32Array.of(0.9, 0.8, 0.7), new Int32Array(3), {
      iouMax: 0.4,
      scope: 'agnostic',
      countMax: 9,
    });
    expect(Array.from(kept)).toEqual([0, 2]);
  });

  test('boxes without area or with NaN edges suppress nothing and are not suppressed', () => {
    const boxes = Float32Array.of(0, 0, 9, 9, 5, 5, 5, 5, 5, 5, 5, 5, Number.NaN, 0, 9, 9);
    const kept = nms(boxes, Float32Array.of(0.9, 0.8, 0.7, 0.6), new Int32Array(4), {
      iouMax: 0.1,
      scope: 'agnostic',
      countMax: 9,
    });
    expect(Array.from(kept)).toEqual([0, 1, 2, 3]);
  });

  test('refuses arrays that do not fit each other', () => {
    const options = { iouMax: 0.5, scope: 'agnostic', countMax: 9 } as const;
    expect(() => nms(new Float32Array(4), new Float32Array(2), new Int32Array(2), options)).toThrow(RangeError);
    expect(() => nms(new Float32Array(8), new Float32Array(2), new Int32Array(1), options)).toThrow(RangeError);
  });
});
