import { expect, test } from 'vitest';
import { decideQuota, type QuotaPolicy } from './gcra.js';

const policy: QuotaPolicy = { units: 6, windowMs: 60_000 };

/** Requests at these times, each of some units: how each was decided. */
function play(requests: readonly { atMs: number; cost?: number }[], of: QuotaPolicy = policy) {
  let wholeAtMs: number | undefined;
  return requests.map(({ atMs, cost = 1 }) => {
    const decision = decideQuota(wholeAtMs, { policy: of, cost, nowMs: atMs });
    wholeAtMs = decision.wholeAtMs;
    return decision;
  });
}
const at = (...times: number[]) => times.map((atMs) => ({ atMs }));

test('the whole quota may be spent at once, and not one unit more', () => {
  const decisions = play(at(0, 0, 0, 0, 0, 0, 0));
  expect(decisions.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, true, true, true, false]);
  expect(decisions.map(({ remaining }) => remaining)).toEqual([5, 4, 3, 2, 1, 0, 0]);
  expect(decisions.at(-1)).toMatchObject({ retryInMs: 10_000, wholeInMs: 60_000 });
});

test('units come back evenly, one after a sixth of the window', () => {
  const decisions = play([{ atMs: 0, cost: 6 }, ...at(9_999, 10_000, 10_001, 20_000)]);
  expect(decisions.map(({ isAllowed }) => isAllowed)).toEqual([true, false, true, false, true]);
});

test('a refused request costs nothing', () => {
  const refused = play([{ atMs: 0, cost: 6 }, ...at(...Array.from({ length: 100 }, () => 5_000)), ...at(10_000)]);
  expect(refused.at(-1)?.isAllowed).toBe(true);
});

test('a request of many units waits until all of them are there', () => {
  const [, refused, allowed] = play([
    { atMs: 0, cost: 4 },
    { atMs: 0, cost: 5 },
    { atMs: 30_000, cost: 5 },
  ]);
  expect(refused).toMatchObject({ isAllowed: false, remaining: 2, retryInMs: 30_000 });
  expect(allowed).toMatchObject({ isAllowed: true, remaining: 0 });
});

test('after a quiet window the quota is whole, and not more than whole', () => {
  const decisions = play([{ atMs: 0, cost: 6 }, ...at(...Array.from({ length: 7 }, () => 600_000))]);
  expect(decisions.filter(({ isAllowed }) => isAllowed)).toHaveLength(1 + 6);
});

test.each([1, 3, 7, 97, 1_000_000])('a steady caller at its rate is never refused: %i a minute', (units) => {
  const unitMs = 60_000 / units;
  const times = Array.from({ length: 500 }, (_, index) => index * unitMs);
  expect(play(at(...times), { units, windowMs: 60_000 }).every(({ isAllowed }) => isAllowed)).toBe(true);
});

test('in any stretch of time nobody gets more than the quota and what came back meanwhile', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  let atMs = 0;
  const requests = Array.from({ length: 2_000 }, () => {
    atMs += random() * 8_000;
    return { atMs, cost: 1 + Math.floor(random() * 4) };
  });
  const decisions = play(requests);
  for (let first = 0; first < requests.length; first += 37) {
    let spent = 0;
    for (let index = first; index < requests.length; index += 1) {
      if (decisions[index]?.isAllowed) spent += requests[index]?.cost ?? 0;
      const stretchMs = (requests[index]?.atMs ?? 0) - (requests[first]?.atMs ?? 0);
      expect(spent).toBeLessThanOrEqual(6 + stretchMs / 10_000 + 1e-6);
    }
  }
});
