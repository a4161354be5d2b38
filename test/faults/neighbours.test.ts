import { setTimeout as sleep } from 'node:timers/promises';
import {
  closeConnections,
  detectModel,
  greyPicture,
  homesOf,
  type StartedWorker,
  sha256Of,
  startWorker,
  untilIdle,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoModel, demoPicture } from './load/demo.js';
import { wordsOf } from './load/figures.js';
import { type Generator, type Shot, startGenerator } from './load/load.js';
import { startBurners, watchProcessorTime } from './load/processor-time.js';
import { median, outcomes, quantile, timesOf } from './load/shots.js';
import { workerTarget } from './load/targets.js';
import { report } from './report.js';
import { scale } from './scale.js';

const pairs = 7;
const secondsPerRun = Math.max(3, scale.seconds / 4);
/** The work of the neighbour's picture: it is never done when its child is struck. */
const workSteps = 500_000;
const crashAfterMs = 100;
const warm = sha256Of(demoModel);
let worker: StartedWorker;
let generator: Generator;

beforeAll(async () => {
  generator = await startGenerator();
});
afterEach(() => worker.close());
afterAll(async () => {
  await generator.close();
  await closeConnections();
});

/** A client of the warm checkpoint, one request after the other. */
const visit = (): Promise<Shot[]> =>
  generator.run({
    kind: 'closed',
    target: workerTarget(worker, { sha256: warm, image: demoPicture }),
    clients: 1,
    seconds: secondsPerRun,
  });

/**
 * Visits beside a neighbour, and beside plain processes that burn what the neighbour did, in turn.
 * @param annoy is the neighbour, until its signal fires
 */
async function compare(fault: string, annoy: (over: AbortSignal) => Promise<void>): Promise<void> {
  const ratios: number[] = [];
  const used: number[] = [];
  await visit();
  for (let pair = 0; pair < pairs; pair++) {
    const [home = 0] = await homesOf(worker, warm);
    const watch = () => watchProcessorTime(() => worker.children().filter((pid) => pid !== home));
    const stopWatch = watch();
    const over = new AbortController();
    const annoying = annoy(over.signal);
    const beside = await visit();
    const perSecond = (await stopWatch()) / secondsPerRun;
    over.abort();
    await annoying;
    await untilIdle(worker);

    const burners = startBurners(perSecond);
    // Watching takes time too, which both must have.
    const stopWatchOfControl = watch();
    const control = await visit().finally(burners.close);
    await stopWatchOfControl();
    expect(outcomes([...beside, ...control])).toEqual(['200']);
    ratios.push(quantile(timesOf(beside), 0.95) / quantile(timesOf(control), 0.95));
    used.push(perSecond);
    expect(await homesOf(worker, warm)).toContain(home);
  }
  const ratio = { value: median(ratios), of: "the control's", line: { atMost: 1.25 } };
  report({
    part: 'load',
    fault,
    how: `beside a warm checkpoint, next to a plain process of the same processor time (${median(used).toFixed(2)} cores), in pairs`,
    times: pairs,
    outcome: `all requests 200; ${wordsOf({ what: 'median p95', ...ratio })}`,
  });
}

describe('a neighbour', () => {
  test('that crashes every second: requests of others are served, and as fast as its processor time allows', async () => {
    worker = await startWorker({ env: { WORKER_CPUS: '2' } });
    const model = detectModel({ brightSteps: workSteps });
    const sha256 = sha256Of(model);
    let crashes = 0;
    expect((await worker.put(demoModel)).status).toBe(200);
    await compare('a neighbour that crashes every second', async (over) => {
      for (; !over.aborted; crashes++) {
        // It may have been stopped for its crashes; whoever puts it again has it tried again.
        await worker.put(model);
        // Another picture each time: one that was there twice when a child crashed is not let in again.
        const lost = worker.quick(sha256, { image: await greyPicture(255, 64 + crashes) });
        await sleep(crashAfterMs);
        for (const pid of await homesOf(worker, sha256)) process.kill(pid, 'SIGSEGV');
        expect((await lost).status).toBe(500);
        await sleep(1_000 - crashAfterMs);
      }
    });
    expect(
      worker.logs.filter(({ msg, signal }) => msg === 'child ended unexpectedly' && signal === 'SIGSEGV').length,
    ).toBeGreaterThan(pairs);
  });

  test('that loads a cold model of 100 MB again and again: as fast as its processor time allows', async () => {
    worker = await startWorker({ env: { WORKER_CPUS: '2', CHILDREN_MAX: '2' } });
    const heavy = detectModel({ weightMiB: 100 });
    const colds = ['a', 'b'].map((name) => withMetadata(heavy, { name }));
    for (const cold of colds) expect((await worker.put(cold)).status).toBe(200);
    expect((await worker.put(demoModel)).status).toBe(200);
    const black = await greyPicture(0);
    let loads = 0;
    await compare('a neighbour that loads a cold model of 100 MB again and again', async (over) => {
      for (; !over.aborted; loads++) {
        // The one that was not the last has lost its home to the last.
        const { status, body } = await worker.quick(sha256Of(colds[loads % 2]!), { image: black });
        expect([status, body.model.warm]).toEqual([200, false]);
      }
    });
    expect(loads).toBeGreaterThan(pairs);
  });
});
