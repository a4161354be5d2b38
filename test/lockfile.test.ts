import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingOptionals } from '../scripts/complete-lockfile.mjs';

const read = async () => JSON.parse(await readFile(join(import.meta.dirname, '../package-lock.json'), 'utf8'));

test('the lockfile holds the optional packages of every platform, or `npm ci` refuses it', async () => {
  const lock = await read();
  expect(Object.keys(lock.packages).length).toBeGreaterThan(200);
  expect(missingOptionals(lock)).toEqual([]);
});

test('the lockfile names no host', async () => {
  const resolved = Object.values((await read()).packages as Record<string, { resolved?: string }>)
    .map((entry) => entry.resolved ?? '')
    .filter((place) => place.includes('://'));
  expect(resolved).toEqual([]);
});
