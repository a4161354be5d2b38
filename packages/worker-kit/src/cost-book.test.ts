import { describe, expect, test } from 'vitest';
import { CostBook } from './cost-book.js';

describe('cost book', () => {
  test('knows nothing of a checkpoint that has not run', () => {
    const costs = new CostBook();
    expect([costs.meanMs('a'), costs.floorMs('a')]).toEqual([undefined, undefined]);
  });

  test('starts with the first measurement and follows later ones slowly', () => {
    const costs = new CostBook();
    costs.record('a', 100);
    expect(costs.meanMs('a')).toBe(100);
    costs.record('a', 200);
    expect(costs.meanMs('a')).toBeCloseTo(120);
  });

  test('has the lowest recent cost as its floor, and forgets what is long past', () => {
    const costs = new CostBook();
    costs.record('a', 5);
    for (let run = 0; run < 15; run++) costs.record('a', 50);
    expect(costs.floorMs('a')).toBe(5);
    costs.record('a', 50);
    expect(costs.floorMs('a')).toBe(50);
  });

  test('keeps checkpoints apart and forgets one when told', () => {
    const costs = new CostBook();
    costs.record('a', 1);
    costs.record('b', 2);
    costs.forget('a');
    expect([costs.meanMs('a'), costs.meanMs('b')]).toEqual([undefined, 2]);
  });
});
