import { expect, test } from 'vitest';
import type { Job } from '../store/job-store.js';
import { createJobCache, type JobLookups } from './job-cache.js';

function counted() {
  const calls: string[] = [];
  const known = new Set([1]);
  const lookups: JobLookups = {
    job: async (id) => {
      calls.push(`job ${id}`);
      return known.has(id) ? ({ id, ownerId: null } as Job) : null;
    },
    chosen: async ({ id, ownerId }) => {
      calls.push(`chosen ${id} of ${ownerId}`);
      throw new Error('away');
    },
    byPath: async () => null,
  };
  return { calls, known, lookups };
}

test('those who ask at the same time, and soon after, share one lookup', async () => {
  const { calls, lookups } = counted();
  const cache = createJobCache(lookups, { ageMsMax: 60_000 });
  await Promise.all([cache.job(1), cache.job(1)]);
  await cache.job(1);
  expect(calls).toEqual(['job 1']);
});

test('what was changed is looked up again, also when a lookup was under way', async () => {
  const { calls, lookups } = counted();
  const cache = createJobCache(lookups, { ageMsMax: 60_000 });
  const running = cache.job(1);
  cache.forget(1);
  await cache.job(1);
  await running;
  expect(calls).toEqual(['job 1', 'job 1']);
});

test('what was not found, and what failed, is not remembered', async () => {
  const { calls, known, lookups } = counted();
  const cache = createJobCache(lookups, { ageMsMax: 60_000 });
  expect(await cache.job(2)).toBeNull();
  known.add(2);
  expect(await cache.job(2)).toEqual({ id: 2, ownerId: null });
  for (let round = 0; round < 2; round += 1)
    await expect(cache.chosen({ id: 1, ownerId: null })).rejects.toThrow('away');
  expect(calls).toEqual(['job 2', 'job 2', 'chosen 1 of null', 'chosen 1 of null']);
});
