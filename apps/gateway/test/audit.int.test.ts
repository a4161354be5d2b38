import { gatewayAccess, gatewayRoutes, type RouteAccess } from '@lensgate/contracts';
import type { TestDatabase } from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adminKey, aJob, type Caller, caller, newKey } from './as-caller.js';
import { type LogLine, openDatabase, startGateway, type TestGateway } from './start-gateway.js';
import { startWorkerPeer, type WorkerPeer } from './worker-peer.js';

type RouteName = keyof typeof gatewayRoutes;
const names = Object.keys(gatewayRoutes) as RouteName[];
const accessOf = (name: RouteName): RouteAccess => gatewayAccess[name];
/** Routes that answer a question in the body of a POST, and leave nothing behind. */
const questions: readonly RouteName[] = ['quickInference', 'batchInference'];
const changing = names.filter((name) => gatewayRoutes[name].method !== 'GET' && !questions.includes(name));

let database: TestDatabase;
let peer: WorkerPeer;
let gateway: TestGateway;
let lines: LogLine[] = [];
beforeAll(async () => {
  [database, peer] = await Promise.all([openDatabase(), startWorkerPeer()]);
});
beforeEach(async () => {
  lines = [];
  gateway = await startGateway(
    database.databaseUrl,
    { LENSGATE_ADMIN_KEY: adminKey, ULTRALYTICS_SERVICE_URL: peer.url },
    (line) => lines.push(line),
  );
});
afterEach(() => gateway.stop());
afterAll(() => Promise.all([database.close(), peer.close()]));

const audited = () => lines.filter(({ audit }) => audit === true);

/** Asks for one change; answers what the line must say of its target. */
const changes: Readonly<Record<string, (who: Caller, admin: Caller) => Promise<Record<string, unknown>>>> = {
  createJob: async (who) => ({ job_id: await who.createJob() }),
  putJob: async (who) => {
    await who.ask('/training/jobs/900', { method: 'PUT', json: aJob() });
    return { job_id: 900 };
  },
  patchJob: async (who) => {
    const id = await who.createJob();
    await who.ask(`/training/jobs/${id}`, { method: 'PATCH', json: { name: 'new' } });
    return { job_id: id };
  },
  deleteJob: async (who) => {
    const id = await who.createJob();
    await who.ask(`/training/jobs/${id}`, { method: 'DELETE' });
    return { job_id: id };
  },
  uploadCheckpoint: async (who) => {
    const id = await who.createJob();
    const { body } = await who.uploadCheckpoint(id, 'weights');
    const [checkpoint] = body.checkpoints as { id: string; sha256: string }[];
    return { job_id: id, checkpoint_id: checkpoint?.id, sha256: checkpoint?.sha256 };
  },
  patchCheckpoint: async (who) => {
    const { job_id, checkpoint_id } = (await changes.uploadCheckpoint?.(who, who)) ?? {};
    await who.ask(`/training/jobs/${job_id}/checkpoints/${checkpoint_id}`, { method: 'PATCH', json: { epoch: 3 } });
    return { job_id, checkpoint_id };
  },
  deleteCheckpoint: async (who) => {
    const { job_id, checkpoint_id } = (await changes.uploadCheckpoint?.(who, who)) ?? {};
    await who.ask(`/training/jobs/${job_id}/checkpoints/${checkpoint_id}`, { method: 'DELETE' });
    return { job_id, checkpoint_id };
  },
  warmCheckpoint: (who) => changeServing(who, 'warm'),
  unloadCheckpoint: (who) => changeServing(who, 'unload'),
  uploadImage: async (who) => ({ session_id: (await who.uploadImage('camera')).body.session_id }),
  deleteSession: async (who) => {
    await who.ask('/test_inference/inference/session/camera', { method: 'DELETE' });
    return { session_id: 'camera' };
  },
  createKey: async (_who, admin) => {
    const { body } = await admin.ask('/keys', { json: { name: 'gate', owner: 'ann' } });
    return { key_id: body.id, owner: 'ann' };
  },
  deleteKey: async (_who, admin) => {
    const { body } = await admin.ask('/keys', { json: { name: 'gate', owner: 'ann' } });
    await admin.ask(`/keys/${body.id}`, { method: 'DELETE' });
    return { key_id: body.id };
  },
};

async function changeServing(who: Caller, change: 'warm' | 'unload') {
  const { job_id, checkpoint_id } = (await changes.uploadCheckpoint?.(who, who)) ?? {};
  await who.ask(`/training/jobs/${job_id}/checkpoints/${checkpoint_id}/${change}`, { method: 'POST' });
  return { job_id, checkpoint_id };
}

test('every route that changes something has a name in the audit log, and no other has', () => {
  expect(names.filter((name) => accessOf(name).audit !== undefined).sort()).toEqual([...changing].sort());
  const events = changing.map((name) => accessOf(name).audit);
  expect(new Set(events).size).toBe(changing.length);
  expect(Object.keys(changes).sort()).toEqual([...changing].sort());
});

describe.each(changing)('%s', (name) => {
  const { audit: event, needs } = accessOf(name);

  test('writes one line: who, what, which, and how it ended', async () => {
    const key = await newKey(gateway.api, { scopes: ['infer', 'manage'] });
    lines = [];
    const target = await changes[name]?.(caller(gateway.api, key.key), caller(gateway.api, adminKey));
    const own = audited().filter((line) => line.event === event);
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({
      level: 'info',
      service: 'gateway',
      actor: needs === 'admin' ? 'admin' : key.id,
      target,
      outcome: 'done',
      request_id: expect.any(String),
    });
    const request = lines.find(({ msg, request_id }) => msg === 'request' && request_id === own[0]?.request_id);
    expect(request).toMatchObject({ status: own[0]?.status });
    expect(JSON.stringify(audited())).not.toContain(key.key.slice(-32));
  });

  test('writes a line also when it is refused', async () => {
    await changes[name]?.(caller(gateway.api, 'wrong'), caller(gateway.api, 'wrong')).catch(() => undefined);
    const { method, path } = gatewayRoutes[name];
    lines = [];
    const url = gateway.url + path.replace(':id', '4711').replace(/:\w+/, 'x');
    await fetch(url, { method, headers: { authorization: 'Bearer wrong' } });
    expect(audited()).toMatchObject([
      { event, actor: 'unknown', outcome: 'refused', status: 401, code: 'KEY_REQUIRED' },
    ]);
  });
});

test('questions write no line, and a change is written at every level of the log but silent', async () => {
  await gateway.stop();
  gateway = await startGateway(
    database.databaseUrl,
    { LENSGATE_ADMIN_KEY: adminKey, ULTRALYTICS_SERVICE_URL: peer.url, LOG_LEVEL: 'fatal' },
    (line) => lines.push(line),
  );
  const admin = caller(gateway.api, adminKey);
  lines = [];
  const jobId = await admin.createJob();
  expect(lines).toMatchObject([{ audit: true, event: 'job.create', actor: 'admin' }]);
  await admin.quick({ training_job_id: String(jobId) });
  await admin.ask('/training/jobs');
  await admin.ask('/keys');
  expect(lines).toHaveLength(1);
});

test('a change whose caller has left before the answer is written down as well', async () => {
  const admin = caller(gateway.api, adminKey);
  const jobId = await admin.createJob();
  let release = () => {};
  peer.behaviour.holdCheckpoint = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const leave = new AbortController();
  const pushed = peer.pushes.length;
  const form = new FormData();
  form.append('file', new Blob(['weights of one who leaves']), 'best.onnx');
  const upload = fetch(`${gateway.api}/training/jobs/${jobId}/checkpoints`, {
    method: 'POST',
    body: form,
    signal: leave.signal,
    headers: { authorization: `Bearer ${adminKey}` },
  });
  await expect.poll(() => peer.pushes.length, { timeout: 10_000 }).toBeGreaterThan(pushed);
  leave.abort();
  await upload.catch(() => undefined);
  release();
  delete peer.behaviour.holdCheckpoint;
  await expect
    .poll(() => audited().filter(({ event }) => event === 'checkpoint.upload'), { timeout: 10_000 })
    .toMatchObject([{ actor: 'admin', target: { job_id: jobId }, outcome: 'done' }]);
});
