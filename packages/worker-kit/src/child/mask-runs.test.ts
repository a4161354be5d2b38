import { expect, test } from 'vitest';
import { seededRandom } from '../../test/pictures.js';
import { forEachRun } from './mask-runs.js';

const width = 130;
const height = 9;
const random = seededRandom(5);

test.each<[string, (at: number) => boolean]>([
  ['empty', () => false],
  ['full', () => true],
  ['of single pixels', (at) => at % 2 === 0],
  ['that ends and begins at the edges of rows', (at) => at % width < 40 || at % width >= 95],
  ['of one pixel, the last', (at) => at === width * height - 1],
  ['of noise', () => random() < 0.5],
  ['of long runs with gaps', () => random() < 0.98],
])('finds the runs of a mask %s', (_name, isSet) => {
  const data = Uint8Array.from({ length: width * height }, (_, at) => Number(isSet(at)));
  const painted = new Uint8Array(data.length);
  const runs: [number, number, number][] = [];
  forEachRun({ width, data }, (y, from, to) => {
    runs.push([y, from, to]);
    painted.fill(1, y * width + from, y * width + to);
  });
  expect(Buffer.from(painted).equals(data)).toBe(true);
  for (const [index, [y, from, to]] of runs.entries()) {
    expect(from >= 0 && from < to && to <= width).toBe(true);
    // Runs of a row do not touch: else one would have been two.
    const [previousY, , previousTo] = runs[index - 1] ?? [-1, 0, 0];
    expect(y > previousY || from > previousTo).toBe(true);
  }
});
