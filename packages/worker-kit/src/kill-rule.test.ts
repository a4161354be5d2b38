import { describe, expect, test } from 'vitest';
import { expectedRestMs, shouldKill } from './kill-rule.js';

describe('kill rule', () => {
  test('expects the rest of the usual cost', () => {
    expect(expectedRestMs({ elapsedMs: 30, costMs: 100 })).toBe(70);
  });

  test('expects as much again of work that has outlived its usual cost, or has none', () => {
    expect(expectedRestMs({ elapsedMs: 150, costMs: 100 })).toBe(150);
    expect(expectedRestMs({ elapsedMs: 150, costMs: undefined })).toBe(150);
  });

  test('spares a child whose work is nearly done', () => {
    expect(shouldKill({ elapsedMs: 90, costMs: 100 }, 50)).toBe(false);
  });

  test('ends a child that has more to do than a new home costs', () => {
    expect(shouldKill({ elapsedMs: 10, costMs: 1_000 }, 500)).toBe(true);
  });

  test('ends work that never finishes, sooner or later', () => {
    const homeMs = 400;
    const judged = [1, 100, 400, 401].map((elapsedMs) => shouldKill({ elapsedMs, costMs: 5 }, homeMs));
    expect(judged).toEqual([false, false, false, true]);
  });
});
