import { describe, expect, test } from 'vitest';
import { seeded } from '../../test/seeded.js';
import { candidatesOfYolo, detectionsOfYolo, pickDetections } from './detections.js';

const classCount = 3;

/** Output with two extra rows, as a segmenter would have; `columns` are [x, y, w, h, …scores]. */
function outputOf(columns: number[][]): Float32Array {
  const rows = 4 + classCount + 2;
  const output = new Float32Array(rows * columns.length);
  for (const [anchor, column] of columns.entries()) {
    for (const [row, value] of column.entries()) output[row * columns.length + anchor] = value;
  }
  return output;
}

const read = (columns: number[][], extra: { scoreMin?: number; classes?: number[] } = {}) =>
  candidatesOfYolo(outputOf(columns), { classCount, anchorCount: columns.length, scoreMin: 0.25, ...extra });

describe('candidatesOfYolo', () => {
  test('takes the best class of each anchor, best anchors first', () => {
    const found = read([
      [10, 20, 4, 6, 0.1, 0.3, 0.2],
      [50, 60, 10, 20, 0.9, 0.3, 0.2],
      [1, 1, 1, 1, 0.1, 0.2, 0.2],
    ]);
    expect(found).toEqual({
      count: 2,
      boxes: Float32Array.of(45, 50, 55, 70, 8, 17, 12, 23),
      scores: Float32Array.of(0.9, 0.3),
      classes: Int32Array.of(0, 1),
      anchors: Uint32Array.of(1, 0),
    });
  });

  test('a score that equals the threshold is not enough, and ties go to the lower class and anchor', () => {
    expect(read([[0, 0, 1, 1, 0.25, 0.25, 0]]).count).toBe(0);
    const found = read([
      [0, 0, 1, 1, 0, 0.5, 0.5],
      [0, 0, 1, 1, 0.5, 0.5, 0.5],
    ]);
    expect([Array.from(found.classes), Array.from(found.anchors)]).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test('filters by the best class, not by any class above the threshold', () => {
    const column = [0, 0, 1, 1, 0.8, 0.7, 0];
    expect(read([column], { classes: [1] }).count).toBe(0);
    expect(read([column], { classes: [0, 2] }).count).toBe(1);
    expect(read([column], { classes: [] }).count).toBe(0);
  });

  test('an anchor with NaN among its scores is no candidate', () => {
    const nan = Number.NaN;
    const columns = [
      [0, 0, 1, 1, nan, 0.9, 0.1],
      [0, 0, 1, 1, 0.9, nan, 0.1],
      [0, 0, 1, 1, 0.9, 0.1, nan],
    ];
    expect(read(columns).count).toBe(0);
  });

  test('keeps the 30 000 best of more', () => {
    const anchorCount = 30_010;
    const output = new Float32Array(5 * anchorCount);
    for (let anchor = 0; anchor < anchorCount; anchor++) output[4 * anchorCount + anchor] = 0.3 + anchor / 1e5;
    const found = candidatesOfYolo(output, { classCount: 1, anchorCount, scoreMin: 0.25 });
    expect([found.count, found.anchors[0], found.anchors.at(-1)]).toEqual([30_000, 30_009, 10]);
  });

  test('refuses an output with too few rows or a broken one', () => {
    const options = { classCount: 3, anchorCount: 10, scoreMin: 0.25 };
    expect(() => candidatesOfYolo(new Float32Array(60), options)).toThrow(RangeError);
    expect(() => candidatesOfYolo(new Float32Array(75), options)).toThrow(RangeError);
    expect(() => candidatesOfYolo(new Float32Array(0), { ...options, anchorCount: 0 })).toThrow(RangeError);
  });
});

test('detections keep the anchor that their further values are read at', () => {
  const random = seeded(1);
  const columns = Array.from({ length: 200 }, () => [
    random() * 90,
    random() * 90,
    10 + random() * 40,
    10 + random() * 40,
    random(),
    random(),
    random(),
  ]);
  const output = outputOf(columns);
  const found = detectionsOfYolo(output, {
    classCount,
    anchorCount: 200,
    scoreMin: 0.25,
    iouMax: 0.45,
    scope: 'per-class',
    countMax: 20,
  });
  expect(found.count).toBeGreaterThan(5);
  for (let i = 0; i < found.count; i++) {
    const column = columns[found.anchors[i]!]!;
    expect(found.scores[i]).toBe(Math.fround(Math.max(...column.slice(4))));
    expect(found.boxes[i * 4]).toBeCloseTo(column[0]! - column[2]! / 2, 4);
  }
});

test('picking keeps the arrays parallel', () => {
  const found = read([
    [10, 20, 4, 6, 0.1, 0.3, 0.2],
    [50, 60, 10, 20, 0.9, 0.3, 0.2],
  ]);
  expect(pickDetections(found, [1])).toEqual({
    count: 1,
    boxes: Float32Array.of(8, 17, 12, 23),
    scores: Float32Array.of(0.3),
    classes: Int32Array.of(1),
    anchors: Uint32Array.of(0),
  });
});
