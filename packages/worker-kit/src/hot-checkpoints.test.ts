import { expect, test } from 'vitest';
import { HotCheckpoints } from './hot-checkpoints.js';

const homeMs = 300;

test('another home is worth it when work has waited for more than twice what the home costs', () => {
  const hot = new HotCheckpoints();
  for (let time = 0; time < 30; time++) hot.waited('model', 20, 0);
  expect(hot.isWorthAnotherHome('model', homeMs, 0)).toBe(false);
  hot.waited('model', 20, 0);
  expect(hot.isWorthAnotherHome('model', homeMs, 0)).toBe(true);
  expect(hot.isWorthAnotherHome('other', homeMs, 0)).toBe(false);
});

test('a wait now and then never adds up to a home', () => {
  const hot = new HotCheckpoints();
  for (let second = 0; second < 600; second++) hot.waited('model', 20, second * 1_000);
  expect(hot.isWorthAnotherHome('model', homeMs, 600_000)).toBe(false);
});

test('what was waited is forgotten with time, and with the checkpoint', () => {
  const hot = new HotCheckpoints();
  hot.waited('model', 1_000, 0);
  expect(hot.isWorthAnotherHome('model', homeMs, 1_000)).toBe(true);
  expect(hot.isWorthAnotherHome('model', homeMs, 5_000)).toBe(false);
  hot.waited('model', 1_000, 5_000);
  hot.forget('model');
  expect(hot.isWorthAnotherHome('model', homeMs, 5_000)).toBe(false);
});
