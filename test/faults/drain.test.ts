import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  closeConnections,
  descendantsOf,
  gatewayCalls,
  isAlive,
  type LogLine,
  referencePictures,
  rootDir,
  type StartedGateway,
  seededRandom,
  waitFor,
  workerFields,
} from '@lensgate/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { askAllTheTime, askOnce, wordsOf } from './ask-once.js';
import { counted, report } from './report.js';
import { scale } from './scale.js';
import { startWorld } from './world.js';

const image = referencePictures()[0]!.bytes;
const random = seededRandom(scale.seed);
const clients = 6;
const gatewayFields = { training_job_id: '20', overlay: 'false' };
afterAll(closeConnections);

const heardIn = (logs: readonly LogLine[]) => (requestId: string) => logs.some((line) => line.request_id === requestId);

/** Nobody who was heard goes without an answer. */
function expectOnly(words: readonly string[], allowed: readonly string[]): void {
  expect(words).toContain('200');
  expect(words.filter((each) => !allowed.includes(each))).toEqual([]);
}

/** Warm, so that requests are answered before the signal comes. */
const warm = async (gateway: Pick<StartedGateway, 'quick'>) =>
  void (await waitFor(async () => (await gateway.quick(20, { image })).status === 200, {
    what: 'an answer of job 20',
  }));

describe('SIGTERM under load', () => {
  test('of a gateway: every request that was accepted has its answer', async () => {
    const world = await startWorld();
    const words: string[] = [];
    for (let round = 0; round < scale.rounds; round++) {
      await warm(world.gateway);
      const { quickUrl, logs } = world.gateway;
      const load = askAllTheTime(clients, () => askOnce(quickUrl, gatewayFields, image));
      await sleep(300 + random.below(700));
      expect(await world.gateway.stop()).toEqual({ code: 0, signal: null });
      words.push(...wordsOf(await load.stop(), heardIn(logs)));
      world.gateway = await world.gateway.again();
    }
    await world.close();
    expectOnly(words, ['200', '503 DRAINING', 'refused']);
    report({
      part: 'kills',
      fault: 'SIGTERM of the gateway',
      how: `${clients} clients without a pause, each request on a connection of its own`,
      times: scale.rounds,
      outcome: `${counted(words)}; none accepted and lost`,
    });
  });

  test('of a worker: every request that was accepted has its answer, behind a gateway and alone', async () => {
    const world = await startWorld();
    const through: string[] = [];
    const direct: string[] = [];
    const fields = Object.fromEntries(
      Object.entries(workerFields({ model_name: 'wardrobe-det', num_classes: 10 })).map(([name, value]) => [
        name,
        String(value),
      ]),
    );
    for (let round = 0; round < scale.rounds; round++) {
      await warm(world.gateway);
      const { quickUrl, logs } = world.worker;
      const loads = [
        askAllTheTime(clients / 2, () => askOnce(world.gateway.quickUrl, gatewayFields, image)),
        askAllTheTime(clients / 2, () => askOnce(quickUrl, fields, image)),
      ];
      await sleep(300 + random.below(700));
      expect(await world.worker.stop()).toEqual({ code: 0, signal: null });
      const [gatewayFates = [], workerFates = []] = await Promise.all(loads.map((load) => load.stop()));
      through.push(...wordsOf(gatewayFates, heardIn(world.gateway.logs)));
      direct.push(...wordsOf(workerFates, heardIn(logs)));
      world.worker = await world.worker.again();
    }
    await world.close();
    expectOnly(direct, ['200', '503 DRAINING', 'refused']);
    expectOnly(through, ['200', '503 DRAINING', '502 WORKER_UNREACHABLE']);
    report({
      part: 'kills',
      fault: 'SIGTERM of a worker',
      how: `${clients} clients without a pause, half of them through the gateway`,
      times: scale.rounds,
      outcome: `alone: ${counted(direct)}; through the gateway: ${counted(through)}; none accepted and lost`,
    });
  });

  test('of npm start as a whole: every request that was accepted has its answer, and no process is left', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'lensgate-start-'));
    const words: string[] = [];
    const rounds = Math.max(1, Math.floor(scale.rounds / 3));
    for (let round = 0; round < rounds; round++) {
      const { child, url, ended, output } = await launch(dataDir);
      const gateway = gatewayCalls(url);
      await warm(gateway);
      const { quickUrl } = gateway;
      const load = askAllTheTime(clients, () => askOnce(quickUrl, gatewayFields, image));
      await sleep(300 + random.below(700));
      const family = descendantsOf(child.pid ?? 0);
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      words.push(...wordsOf(await load.stop(), (requestId) => output().includes(requestId)));
      await waitFor(() => !family.some(isAlive), { what: 'the end of every process' });
    }
    await rm(dataDir, { recursive: true, force: true });
    expectOnly(words, ['200', '503 DRAINING', 'refused']);
    report({
      part: 'kills',
      fault: 'SIGTERM of npm start',
      how: `${clients} clients without a pause, each request on a connection of its own`,
      times: rounds,
      outcome: `${counted(words)}; none accepted and lost, no process left`,
    });
  });
});

interface Launched {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<number | null>;
  output(): string;
}

async function launch(dataDir: string): Promise<Launched> {
  const ports = { PORT: '0', TIMM_PORT: '0', ULTRALYTICS_PORT: '0', HUGGINGFACE_PORT: '0' };
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: rootDir,
    env: { PATH: process.env.PATH ?? '', HOME: dataDir, DATA_DIR: dataDir, ...ports },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const url = await waitFor(() => /Lensgate is ready at (http:\S+)/.exec(output)?.[1], {
    what: `ready words in: ${output}`,
    waitMsMax: 120_000,
  });
  return { child, url, ended, output: () => output };
}
