// What holding children in costs: the start of a child, the load of its checkpoint, and a request to a warm one, on a
// worker whose children run in the sandbox and on one where it is off. Rounds are interleaved, so that a noisy machine
// hits both.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuTicksOf, rootDir, startWorker, withMetadata } from '@lensgate/testing';
import { median, rounded } from './lib/statistics.mjs';

const rounds = 11;
const requestsPerRound = 20;

/** @typedef {import('@lensgate/testing').StartedWorker} Worker */

/** Times of children with and without the sandbox, ms, and their ratios. */
export async function sandboxCosts() {
  const model = await readFile(join(rootDir, 'models/wardrobe-det.onnx'));
  const picture = await readFile(join(rootDir, 'test/reference/variants/v1920x1080-0-scene-2008.png'));
  // Without spares every checkpoint starts its own process; with one child at most, the one before it has ended.
  const env = { SPARES: '0', CHILDREN_MAX: '1' };
  const off = await startWorker({ env: { ...env, CHILD_SANDBOX: 'off' } });
  const on = await startWorker({ env });
  try {
    /** @type {Map<Worker, Times[]>} */
    const times = new Map([
      [off, []],
      [on, []],
    ]);
    for (let round = 0; round < rounds; round++) {
      for (const worker of round % 2 === 0 ? [off, on] : [on, off]) {
        const checkpoint = withMetadata(model, { round: String(round) });
        times.get(worker)?.push(await oneChild(worker, checkpoint, picture));
      }
    }
    const of = (/** @type {Worker} */ worker, /** @type {keyof Times} */ what) =>
      (times.get(worker) ?? []).map((each) => each[what]);
    const compared = (/** @type {keyof Times} */ what) => ({
      off_ms: rounded(median(of(off, what)), 1),
      on_ms: rounded(median(of(on, what)), 1),
      ratio: rounded(median(of(on, what).map((ms, round) => ms / Number(of(off, what)[round])))),
    });
    return {
      name: 'children in the sandbox / without it, wardrobe-det (job 20), 1920×1080 PNG',
      sandbox: (await on.ready()).sandbox,
      start: compared('start'),
      load: compared('load'),
      request: compared('request'),
      // Counted by the system in steps of 10 ms; says more than times where the machine is not quiet.
      processor: compared('processor'),
    };
  } finally {
    await off.close();
    await on.close();
  }
}

/** @typedef {{ start: number, load: number, processor: number, request: number }} Times ms; processor: of start and load */

/** @param {Worker} worker @param {Buffer} checkpoint @param {Buffer} picture @returns {Promise<Times>} */
async function oneChild(worker, checkpoint, picture) {
  const startedAtMs = performance.now();
  const { status, body } = await worker.put(checkpoint);
  const ms = performance.now() - startedAtMs;
  if (status !== 200) throw new Error(`the checkpoint was answered ${status}`);
  const loaded = await worker.logged((line) => line.msg === 'checkpoint loaded' && line.sha256 === body.sha256);
  const load = Number(loaded.load_ms) + Number(loaded.canary_ms);
  const processor = cpuTicksOf(Number(loaded.pid)) * 10;
  const requests = [];
  for (let i = 0; i < requestsPerRound; i++) {
    const sentAtMs = performance.now();
    const answer = await worker.quick(body.sha256, { image: picture, fields: { num_classes: 0 } });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    requests.push(performance.now() - sentAtMs);
  }
  return { start: ms - load, load, processor, request: median(requests) };
}
