import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  call,
  childrenOf,
  closeConnections,
  copyEmptyCluster,
  detectModel,
  formOf,
  gatewayCalls,
  isAlive,
  postPicture,
  rootDir,
  workerCalls,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NpmStart, npmStart } from './npm-start.js';
import { canTrace, filesWrittenIn, peersIn, tracedInto } from './system-calls.js';

const demoJobs = [20, 21, 22];
const isTraced = canTrace();

let folder: string;
let image: Buffer;
let launched: NpmStart | undefined;
/** Stands for whatever a URL in a request might lead to. */
let bait: Server;
let baitUrl: string;
let bites = 0;

beforeAll(async () => {
  if (!isTraced) return;
  // What `npm start` would compile now is not what it is watched for.
  expect(spawnSync('node', ['scripts/prepare.mjs'], { cwd: rootDir }).status).toBe(0);
  folder = await mkdtemp(join(tmpdir(), 'lensgate-outbound-'));
  for (const name of ['data', 'home', 'tmp']) await mkdir(join(folder, name));
  image = await readFile(join(rootDir, 'models/samples/scene-1003.png'));
  bait = createServer((socket) => {
    bites += 1;
    socket.destroy();
  });
  bait.listen(0, '127.0.0.1');
  await once(bait, 'listening');
  baitUrl = `http://127.0.0.1:${(bait.address() as { port: number }).port}/picture.png`;
});
afterAll(async () => {
  if (!isTraced) return;
  bait.close();
  if (launched && isAlive(launched.pid)) {
    for (const pid of [...childrenOf(launched.pid), launched.pid]) process.kill(pid, 'SIGKILL');
    await launched.ended;
  }
  await rm(folder, { recursive: true, force: true });
  await closeConnections();
});

interface Ready {
  readonly workers: readonly { readonly framework: string; readonly url: string }[];
}

/** Everything that a caller can do which might make a service turn to somebody. */
async function useEverything(url: string): Promise<string[]> {
  const gateway = gatewayCalls(url);
  for (const job of demoJobs) expect((await gateway.quick(job, { image })).status, `job ${job}`).toBe(200);

  const { body, contentType } = formOf([{ name: 'file', value: image, filename: 'a.png', type: 'image/png' }]);
  const uploaded = await call<{ server_path: string; session_id: string }>(
    `${url}/api/v1/test_inference/inference/upload-image`,
    { method: 'POST', body, headers: { 'content-type': contentType } },
  );
  expect(uploaded.status).toBe(200);
  const byHandle = { training_job_id: 20, image_path: uploaded.body.server_path, session_id: uploaded.body.session_id };
  expect((await call(gateway.quickUrl, { method: 'POST', json: byHandle })).status).toBe(200);

  const { id } = (await gateway.createJob({ output_dir: baitUrl, dataset_path: baitUrl })).body;
  expect((await gateway.upload(id, detectModel())).status).toBe(201);
  expect((await gateway.quick(id, { image })).status).toBe(200);

  const refused = [
    await call(gateway.quickUrl, { method: 'POST', json: { training_job_id: 20, image_path: baitUrl } }),
    await call(`${gateway.quickUrl}?training_job_id=20&image_path=${encodeURIComponent(baitUrl)}`, { method: 'POST' }),
    await gateway.quick(20, { image, fields: { checkpoint_path: baitUrl } }),
    await gateway.quick(20, { image: Buffer.from(`<svg><image href="${baitUrl}"/></svg>`) }),
    await gateway.upload(id, Buffer.from(baitUrl)),
    await gateway.upload(id, detectModel({ externalFile: baitUrl })),
  ];
  for (const { status } of refused) expect([404, 415, 422, 424]).toContain(status);

  const workers = (await call<Ready>(`${url}/ready`)).body.workers;
  const ultralytics = workers.find(({ framework }) => framework === 'ultralytics')?.url ?? '';
  expect((await workerCalls(ultralytics).ready()).queued).toBe(0);
  const fields = { training_job_id: 20, framework: 'ultralytics', model_name: baitUrl, checkpoint_path: baitUrl };
  const direct = await postPicture(`${ultralytics}/inference/quick`, { image, fields });
  expect(direct.status).toBeGreaterThanOrEqual(400);
  return workers.map((worker) => new URL(worker.url).host);
}

if (!isTraced) process.stderr.write('strace is not installed: nobody watches whom the services turn to\n');

describe.skipIf(!isTraced)('a whole run, from the start to the end', () => {
  const traceFile = () => join(folder, 'trace');
  let configured: string[];

  beforeAll(async () => {
    await copyEmptyCluster(join(folder, 'data/postgres'));
    launched = npmStart({
      dataDir: join(folder, 'data'),
      env: { HOME: join(folder, 'home'), TMPDIR: join(folder, 'tmp'), LOG_LEVEL: 'warn' },
      under: tracedInto(traceFile()),
    });
    const url = await launched.ready();
    // The launcher asks the gateway whether all is ready.
    configured = [new URL(url).host, ...(await useEverything(url))];
    // strace ends when what it traces has ended.
    for (const pid of childrenOf(launched.pid)) process.kill(pid, 'SIGTERM');
    await launched.ended;
  });

  test('turns to the configured services and to nobody else', async () => {
    const peers = await peersIn(traceFile());
    const database = `unix:${join(folder, 'data/socket')}/`;
    const foreign = peers.filter((peer) => !configured.includes(peer) && !peer.startsWith(database));
    // The kernel is asked for the list of network interfaces, by the trial of the sandbox.
    expect(foreign.filter((peer) => peer !== 'netlink')).toEqual([]);
    // The trace has seen what it must have seen.
    expect(peers).toEqual(expect.arrayContaining(configured));
    expect(peers.some((peer) => peer.startsWith(database))).toBe(true);
  });

  test('fetches no URL that a request names', () => {
    expect(bites).toBe(0);
  });

  test('makes no file but in its data folder: none in the home, none for telemetry', async () => {
    const written = await filesWrittenIn(traceFile());
    // The null device, a child's own namespace (its maps of users in /proc), and what a build in the repository notes.
    const elsewhere = /^(\/dev\/null|\/proc\/self\/\w+|.*\.tsbuildinfo)$/;
    const isExpected = (path: string) => path.startsWith(join(folder, 'data/')) || elsewhere.test(path);
    expect(written.filter((path) => !isExpected(path))).toEqual([]);
    expect(written.some((path) => path.endsWith('.part'))).toBe(true);
    for (const name of ['home', 'tmp']) expect(await readdir(join(folder, name), { recursive: true })).toEqual([]);
  });
});
