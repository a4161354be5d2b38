import { fail } from '@lensgate/contracts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type BatchItem, buildServer, createLogger, defineTestRoute, registerRoute, replyBatch } from './harness.js';

const route = defineTestRoute({ method: 'GET', path: '/batch', replies: { 200: z.looseObject({}) } });
const logged: { level: string; msg: string; code?: string }[] = [];
const logger = createLogger('test', 'info', { write: (line: string) => void logged.push(JSON.parse(line)) });
const app = buildServer({ service: 'test', logger, guard: { hosts: [], origins: [] } });
const count = 12;
const sideBySide = 3;
let url = '';
let run: (index: number, signal: AbortSignal) => Promise<BatchItem>;
let started: number[] = [];
let aborted = 0;
let isOver = false;

const done = (index: number): BatchItem => ({ kind: 'done', body: Buffer.from(`{ "n": ${index} }`) });
const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const lines = () => ({ headers: { accept: 'application/x-ndjson' } });

beforeAll(async () => {
  registerRoute(app, route, async ({ request, reply, signal }) => {
    const counted = async (index: number, itemSignal: AbortSignal) => {
      started.push(index);
      itemSignal.addEventListener('abort', () => {
        aborted += 1;
      });
      return run(index, itemSignal);
    };
    try {
      return await replyBatch({ request, reply, signal }, { count, sideBySide, answerBytesMax: 10_000, run: counted });
    } finally {
      isOver = true;
    }
  });
  url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/batch`;
});
afterEach(() => {
  started = [];
  aborted = 0;
  isOver = false;
  logged.length = 0;
});
afterAll(() => app.close());

test('results stand in the order of the items, failures as problems with their index', async () => {
  run = async (index) => {
    if (index === 4) throw fail('IMAGE_UNSUPPORTED', { reason: 'tea' });
    if (index === 5) throw new Error('a secret');
    if (index === 6) return { kind: 'problem', body: Buffer.from('{"code":"X"}') };
    return done(index);
  };
  const { results } = (await (await fetch(url)).json()) as { results: Record<string, unknown>[] };
  expect(results).toHaveLength(count);
  expect(results[11]).toEqual({ n: 11 });
  expect(results[4]).toMatchObject({ index: 4, code: 'IMAGE_UNSUPPORTED', detail: 'tea', status: 415 });
  expect(results[5]).toMatchObject({ index: 5, code: 'INTERNAL' });
  expect(results[6]).toEqual({ index: 6, code: 'X' });
  expect(JSON.stringify(results)).not.toContain('a secret');
});

test.each([
  ['application/x-ndjson', true],
  ['application/json;q=0.5, Application/X-NDJSON; q=0.8', true],
  ['application/x-ndjson;q=0, application/json', false],
  ['application/x-ndjson;q=0.000', false],
  ['*/*', false],
])('Accept: %s asks for lines: %s', async (accept, areLines) => {
  run = async (index) => done(index);
  const response = await fetch(url, { headers: { accept } });
  expect(response.headers.get('content-type')?.startsWith('application/x-ndjson')).toBe(areLines);
  await response.text();
});

test('an item that finds no room is tried again until it does', async () => {
  let refusals = 3;
  run = async (index) => (index === 7 && refusals-- > 0 ? { kind: 'busy' } : done(index));
  const { results } = (await (await fetch(url)).json()) as { results: unknown[] };
  expect(results[7]).toEqual({ n: 7 });
  expect(started.filter((index) => index === 7)).toHaveLength(4);
});

test('the first line is there while others still run, and no more run at one time than may', async () => {
  run = async (index, signal) => (index === 0 ? done(index) : never(signal));
  const response = await fetch(url, lines());
  const { value } = await response.body!.getReader().read();
  expect(JSON.parse(Buffer.from(value!).toString())).toEqual({ index: 0, n: 0 });
  expect(started).toEqual([0, 1, 2, 3]);
  app.server.closeAllConnections();
  await expect.poll(() => isOver).toBe(true);
});

test.each([
  ['lines', lines()],
  ['JSON', {}],
])('a client that leaves ends what runs, and nothing more starts: %s', async (_, init) => {
  run = async (index, signal) => (index < 2 ? done(index) : never(signal));
  const leaving = new AbortController();
  const asked = fetch(url, { ...init, signal: leaving.signal }).then((response) => response.text());
  asked.catch(() => undefined);
  await expect.poll(() => started.length).toBe(5);
  leaving.abort();
  await expect.poll(() => isOver).toBe(true);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(aborted).toBeGreaterThanOrEqual(3);
});

test.each([
  ['lines', lines()],
  ['JSON', {}],
])('a client that leaves is no fault of the service in its log: %s', async (_, init) => {
  run = async (index, signal) => (index < 2 ? done(index) : never(signal));
  const leaving = new AbortController();
  const response = fetch(url, { ...init, signal: leaving.signal });
  response.catch(() => undefined);
  if (init === undefined || !('headers' in init)) await expect.poll(() => started.length).toBe(5);
  else await (await response).body!.getReader().read();
  leaving.abort();
  await expect.poll(() => logged.some(({ msg }) => msg === 'request')).toBe(true);
  await expect.poll(() => isOver).toBe(true);
  expect(logged).toMatchObject([{ level: 'info', status: 499 }]);
  expect(logged[0]).not.toHaveProperty('code');
});

test('a document that grows too large is refused, and what runs ends; lines have no such limit', async () => {
  run = async (index) => ({ kind: 'done', body: Buffer.from(`{"x":"${'y'.repeat(2_000)}","n":${index}}`) });
  expect(await (await fetch(url)).json()).toMatchObject({ status: 413, code: 'RESPONSE_TOO_LARGE' });
  const text = await (await fetch(url, lines())).text();
  expect(text.trimEnd().split('\n')).toHaveLength(count);
});
