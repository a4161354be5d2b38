import { describe, expect, test } from 'vitest';
import { evictionOrder } from './eviction-order.js';

const home = (name: string, idleMs: number, requests: number) => ({ name, lastUsedAtMs: 100_000 - idleMs, requests });
const names = (...homes: ReturnType<typeof home>[]) => evictionOrder(homes, 100_000).map(({ name }) => name);

describe('homes give way', () => {
  test('in the order of their last use, however much they have served', () => {
    expect(names(home('now', 10, 0), home('long ago', 60_000, 900), home('before', 5_000, 3))).toEqual([
      'long ago',
      'before',
      'now',
    ]);
  });

  test('within a second of each other by what they have served', () => {
    expect(names(home('busy', 900, 500), home('seldom', 2, 1))).toEqual(['seldom', 'busy']);
  });

  test('and, where they have served the same, by their last use again', () => {
    expect(names(home('later', 2, 1), home('earlier', 400, 1))).toEqual(['earlier', 'later']);
  });
});
