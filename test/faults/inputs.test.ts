import { type ErrorCode, errorRegistry, type Problem } from '@lensgate/contracts';
import {
  type Answer,
  aJob,
  closeConnections,
  detectModel,
  isAlive,
  nothingLeft,
  type Random,
  type Stack,
  type StartedWorker,
  seededRandom,
  startStack,
  untilIdle,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BaseFile, baseModels, basePictures } from './base-files.js';
import { mutate } from './mutate.js';
import { startNeighbour } from './neighbour.js';
import { counted, report } from './report.js';
import { scale } from './scale.js';

/** Of a hundred mutated inputs this many are checkpoints: each refusal costs a child, a picture's costs nothing. */
const modelsPercent = 4;
const sideBySide = 4;
/** Failures of ours that a hostile input may cause: they say that inference failed, and end a child at the most. */
const failuresOfInference: readonly ErrorCode[] = ['INFERENCE_FAILED', 'CHILD_CRASHED', 'MEMORY_EXHAUSTED'];

let stack: Stack;
let worker: StartedWorker;
let jobId: number;
let pictures: BaseFile[];
const models = baseModels();

beforeAll(async () => {
  pictures = await basePictures();
  stack = await startStack();
  worker = stack.workers.get('ultralytics')!;
  jobId = (await stack.gateway.createJob(aJob())).body.id;
  expect((await stack.gateway.upload(jobId, detectModel())).status).toBe(201);
});
afterAll(async () => {
  await stack.stop();
  const left = await stack.leftovers();
  await stack.close();
  await closeConnections();
  expect(left).toEqual(nothingLeft);
});

interface Seen {
  readonly outcome: string;
  /** What was sent, when the answer was none that may be. */
  readonly fault?: string;
}

/** An answer that may be: a success, or a problem that the registry knows, with its own status. */
function judge({ status, headers, body }: Answer<Problem>, sent: string): Seen {
  const isJson = /json/.test(String(headers['content-type']));
  if (isJson && status >= 200 && status < 300) return { outcome: String(status) };
  const outcome = `${status} ${body.code}`;
  const entry = errorRegistry[body.code];
  const mayBe = isJson && entry?.status === status && (status < 500 || failuresOfInference.includes(body.code));
  return mayBe && body.detail !== '' ? { outcome } : { outcome, fault: `${sent}: ${outcome}` };
}

async function storm(
  inputs: { count: number; random: Random; bases: readonly BaseFile[] },
  send: (bytes: Buffer) => Promise<Answer<Problem>>,
): Promise<Seen[]> {
  const { random, bases } = inputs;
  const endsAtMs = performance.now() + scale.inputsMsMax;
  const seen: Seen[] = [];
  let left = inputs.count;
  const sender = async () => {
    while (left > 0 && performance.now() < endsAtMs) {
      left -= 1;
      const base = random.pick(bases);
      const { bytes, names } = mutate(base.bytes, random);
      const sent = `input ${seen.length}, ${base.name}, ${names.join(', ')}, ${bytes.toString('base64').slice(0, 2_000)}`;
      seen.push(
        await send(bytes).then(
          (answer) => judge(answer, sent),
          (error: Error) => ({ outcome: 'no answer', fault: `${sent}: ${error.message}` }),
        ),
      );
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, sender));
  return seen;
}

const bases = { pictures: () => pictures, models: () => models };
const modelCount = Math.ceil((scale.inputs * modelsPercent) / 100);

describe('mutated inputs hurt nobody', () => {
  test.each([
    {
      what: 'pictures',
      of: 'pictures' as const,
      count: scale.inputs - modelCount,
      how: 'sent to the gateway: 21 kinds of files in 7 formats',
      send: (bytes: Buffer) => stack.gateway.quick<Problem>(jobId, { image: bytes, fields: { overlay: false } }),
    },
    {
      what: 'checkpoints',
      of: 'models' as const,
      count: Math.ceil(modelCount / 2),
      how: 'uploaded to a job at the gateway',
      send: (bytes: Buffer) => stack.gateway.upload<Problem>(jobId, bytes),
    },
    {
      what: 'checkpoints',
      of: 'models' as const,
      count: Math.floor(modelCount / 2),
      how: 'put into a worker',
      send: (bytes: Buffer) => worker.put<Problem>(bytes),
    },
  ])('$what, $how', async ({ what, of, count, how, send }) => {
    const random = seededRandom(scale.seed);
    const endsBefore = worker.logs.length;
    const neighbour = startNeighbour(stack.gateway);
    const seen = await storm({ count, random, bases: bases[of]() }, send);
    const { asked, others } = await neighbour.stop();
    expect(seen.flatMap(({ fault }) => (fault === undefined ? [] : [fault]))).toEqual([]);
    expect(others).toEqual([]);
    expect([stack.gateway, worker].map(({ pid }) => isAlive(pid))).toEqual([true, true]);
    await untilIdle(worker);
    const crashes = worker.logs.slice(endsBefore).filter(({ msg }) => msg === 'child ended unexpectedly').length;
    report({
      part: 'input',
      fault: `mutated ${what}`,
      how,
      times: seen.length,
      outcome: `${counted(seen.map(({ outcome }) => outcome))}; ${crashes} children ended by it; ${asked} of ${asked} requests of a neighbour answered 200`,
    });
  });

  test('what was left in place serves on', async () => {
    const image = pictures[0]!.bytes;
    expect((await stack.gateway.quick(jobId, { image })).status).toBe(200);
  });
});
