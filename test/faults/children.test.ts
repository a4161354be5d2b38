import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@lensgate/contracts';
import {
  closeConnections,
  isAlive,
  rootDir,
  type ServiceProcess,
  sha256Of,
  startService,
  survivorsOf,
  type WorkerCalls,
  waitFor,
  workerCalls,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { report } from './report.js';
import { scale } from './scale.js';

/** A real worker with real child processes, each of which does what its checkpoint says: see fixtures/rogue-child.mjs. */
let folder: string;
let service: ServiceProcess;
let worker: WorkerCalls;
const image = Buffer.from('any picture');
const checkpointOf = (kind: string) => Buffer.from(`${kind}\n`);
const good = checkpointOf('good');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lensgate-rogue-'));
  await mkdir(join(folder, 'tmp'));
  service = await startService({
    entry: join(rootDir, 'test/faults/fixtures/rogue-worker.mjs'),
    env: { DATA_DIR: join(folder, 'data'), TMPDIR: join(folder, 'tmp'), DEADLINE_MS: '3000', QUARANTINE_MS: '1' },
  });
  worker = workerCalls(service.url);
  expect((await worker.put(good)).status).toBe(200);
});
afterAll(async () => {
  await service.stop();
  expect(survivorsOf(service)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
  await closeConnections();
});

async function untilOver() {
  await waitFor(async () => {
    const { in_flight, queued } = await worker.ready();
    return in_flight === 0 && queued === 0;
  });
  service.children();
}
const servesOthers = async () => {
  expect((await worker.quick(sha256Of(good), { image })).status).toBe(200);
  expect(isAlive(service.pid)).toBe(true);
};

const breaches = [
  'half a frame, then the end',
  'random bytes',
  'zeros',
  'a head of four gigabytes',
  'a body of four gigabytes',
  'a head that is not JSON',
  'a head that is nested without end',
  'attachments that are longer than the body',
  'an attachment of less than nothing',
  'a message of no known type',
  'a message of another kind',
  'a result whose numbers are none',
  'an end with an exit code',
  'a crash',
];
const done: string[] = [];
const doneAtLoad: string[] = [];
const silences = ['silence', 'half a frame, then silence'];

describe('a child that answers a picture with', () => {
  afterAll(() => {
    if (done.length < breaches.length) return;
    report({
      part: 'children',
      fault: `${done.length} kinds of wrong answers to a picture`,
      how: `real child processes: ${done.join('; ')}; another checkpoint beside it`,
      times: done.length * scale.rounds,
      outcome: '500 CHILD_CRASHED each time; the worker lives, the other checkpoint answers 200',
    });
  });

  test.each(breaches)('%s costs that request, and nobody else', async (kind) => {
    const checkpoint = checkpointOf(kind);
    expect((await worker.put(checkpoint)).status).toBe(200);
    for (let round = 0; round < scale.rounds; round++) {
      // After three deaths a checkpoint waits a while before it is loaded again, and says how long.
      const { status, body } = await worker.quick<Problem>(sha256Of(checkpoint), { image: Buffer.of(round) });
      expect([status, body.code]).toEqual([500, 'CHILD_CRASHED']);
      await servesOthers();
    }
    await untilOver();
    done.push(kind);
  });

  test.each(silences)('%s is ended at the deadline', async (kind) => {
    const checkpoint = checkpointOf(kind);
    expect((await worker.put(checkpoint)).status).toBe(200);
    const late = worker.quick<Problem>(sha256Of(checkpoint), { image, fields: { timeout_ms: 500 } });
    const { status, body } = await late;
    expect([status, body.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    await untilOver();
    await servesOthers();
    report({
      part: 'children',
      fault: `a child answers with ${kind}`,
      how: 'timeout_ms=500',
      times: 1,
      outcome: '504 DEADLINE_EXCEEDED, the child is ended, the other checkpoint answers 200',
    });
  });

  test('two answers gives the first, and is not trusted again', async () => {
    const checkpoint = checkpointOf('two answers');
    expect((await worker.put(checkpoint)).status).toBe(200);
    const before = service.logs.length;
    expect((await worker.quick(sha256Of(checkpoint), { image })).status).toBe(200);
    await waitFor(() => service.logs.slice(before).some(({ msg }) => msg === 'child ended unexpectedly'));
    await servesOthers();
    report({
      part: 'children',
      fault: 'a child answers twice',
      how: 'real processes',
      times: 1,
      outcome: 'the first answer is given, the child is ended',
    });
  });
});

describe('a child that answers a load with', () => {
  afterAll(() => {
    if (doneAtLoad.length < breaches.length + silences.length) return;
    report({
      part: 'children',
      fault: `${doneAtLoad.length} kinds of wrong answers to a load`,
      how: 'the same, and silence; another checkpoint beside it',
      times: doneAtLoad.length,
      outcome:
        '500 CHILD_CRASHED, for silence 424 CHECKPOINT_REFUSED; the worker lives, the other checkpoint answers 200',
    });
  });

  test.each([...breaches, ...silences])('%s has its checkpoint not accepted, and costs nobody else', async (kind) => {
    const put = await worker.put<Problem>(checkpointOf(`load: ${kind}`));
    expect([put.status, put.body.code]).toEqual(
      silences.includes(kind) ? [424, 'CHECKPOINT_REFUSED'] : [500, 'CHILD_CRASHED'],
    );
    await servesOthers();
    doneAtLoad.push(kind);
  });
});
