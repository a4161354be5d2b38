import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, type Problem, type ReplicaState, wordsOf } from '@lensgate/contracts';
import {
  call,
  closeConnections,
  detectModel,
  endlessSteps,
  greyPicture,
  isAlive,
  nothingLeft,
  residentBytesOf,
  type StartedGateway,
  type StartedWorker,
  sha256Of,
  startGateway,
  startWorker,
  type TestDatabase,
  testDatabase,
  untilBusy,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** A white picture keeps it for a second or so. */
const model = detectModel({ brightSteps: 150_000 });
const named = (name: string) => withMetadata(model, { name });
let database: TestDatabase;
let gateway: StartedGateway;
let first: StartedWorker;
let second: StartedWorker;
let black: Buffer;
let white: Buffer;

beforeAll(async () => {
  [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
  database = await testDatabase.open();
  const env = { WORKER_CPUS: '1' };
  [first, second] = await Promise.all([startWorker({ env }), startWorker({ env })]);
  gateway = await startGateway({
    databaseUrl: database.databaseUrl,
    env: {
      ULTRALYTICS_SERVICE_URL: `${first.url},${second.url}`,
      TIMM_SERVICE_URL: 'http://127.0.0.1:9',
      HUGGINGFACE_SERVICE_URL: 'http://127.0.0.1:9',
      TRAINING_SERVICE_URL: first.url,
      CHECKPOINT_CHECK_MS: '200',
    },
  });
});
afterAll(async () => {
  const services = [gateway, first, second];
  for (const service of services) await service?.stop();
  const left = await Promise.all(services.map((service) => service?.leftovers()));
  for (const service of services) await service?.close();
  await database?.close();
  await closeConnections();
  expect(left).toEqual([nothingLeft, nothingLeft, nothingLeft]);
});

/** A new job with one checkpoint. */
async function jobWith(file: Buffer): Promise<{ jobId: number; checkpoint: Checkpoint }> {
  const { id: jobId } = (await gateway.createJob()).body;
  const { body } = await gateway.upload(jobId, file);
  return { jobId, checkpoint: body.checkpoints[0]! };
}
const servingOf = async (jobId: number): Promise<ReplicaState[]> =>
  (await gateway.checkpoints(jobId)).body.checkpoints[0]?.serving ?? [];
const untilServing = (jobId: number, what: string, matches: (each: ReplicaState) => boolean) =>
  waitFor(async () => (await servingOf(jobId)).every(matches), { what });
const codeOf = ({ status, body }: { status: number; body: Problem }) => [status, body.code];
const loadsOf = (digest: string) =>
  [first, second]
    .flatMap(({ logs }) => logs)
    .filter(({ msg, sha256 }) => msg === 'checkpoint loaded' && sha256 === digest).length;
const urlsOf = (states: readonly ReplicaState[]) => states.map(({ worker }) => worker).sort();

describe('a checkpoint that is warmed', () => {
  test('is loaded on every replica, those that lacked its bytes included, and shown so; the next request loads nothing', async () => {
    const { jobId, checkpoint } = await jobWith(named('warmed'));
    expect((await servingOf(jobId)).map(({ state }) => state).sort()).toEqual(['absent', 'ready']);
    const { status, body } = await gateway.changeServing(jobId, checkpoint.id, 'warm');
    expect(status).toBe(200);
    expect(body).toMatchObject({ checkpoint_id: checkpoint.id, sha256: checkpoint.sha256 });
    expect(urlsOf(body.replicas)).toEqual([first.url, second.url].sort());
    for (const replica of body.replicas) {
      expect(replica).toMatchObject({ state: 'ready', warm: true, children: 1, problem: null, reason: null });
      expect(replica.memory_bytes).toBeGreaterThan(2 ** 20);
      expect(replica.load_ms).toBeGreaterThan(0);
    }
    const loads = loadsOf(checkpoint.sha256);
    for (let time = 0; time < 4; time++) {
      const answer = await gateway.quick(jobId, { image: black });
      expect([answer.status, answer.body.model.warm]).toEqual([200, true]);
    }
    expect(loadsOf(checkpoint.sha256)).toBe(loads);
    const shown = await servingOf(jobId);
    expect(shown.reduce((sum, { requests }) => sum + requests, 0)).toBe(4);
    expect(shown.some(({ last_used_at: at }) => at !== null)).toBe(true);
  });

  test('is looked into first where no worker has seen it yet', async () => {
    const { jobId, checkpoint } = await jobWith(named('pending'));
    await gateway.changeServing(jobId, checkpoint.id, 'unload');
    const { id: laterId } = (await gateway.createJob({ framework: 'timm' })).body;
    const uploaded = await gateway.upload(laterId, named('pending'));
    expect(uploaded.body.checkpoints[0]?.status).toBe('pending');
    const id = uploaded.body.checkpoints[0]?.id ?? '';
    expect(codeOf(await gateway.changeServing<Problem>(laterId, id, 'warm'))).toEqual([502, 'WORKER_UNREACHABLE']);
    await call(`${gateway.url}/api/v1/training/jobs/${laterId}`, {
      method: 'PATCH',
      json: { framework: 'ultralytics' },
    });
    expect((await gateway.changeServing(laterId, id, 'warm')).status).toBe(200);
    expect((await gateway.checkpoints(laterId)).body.checkpoints[0]).toMatchObject({ status: 'accepted' });
  });
});

describe('a checkpoint that is unloaded', () => {
  test('gives its memory back on every replica, as often as it is told to; the next request loads it again', async () => {
    const { jobId, checkpoint } = await jobWith(named('unloaded'));
    const { body: warmed } = await gateway.changeServing(jobId, checkpoint.id, 'warm');
    const children = [first, second].flatMap((worker) => worker.children());
    const before = children.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
    const held = warmed.replicas.reduce((sum, { memory_bytes: bytes }) => sum + (bytes ?? 0), 0);
    for (let time = 0; time < 2; time++) {
      const { status, body } = await gateway.changeServing(jobId, checkpoint.id, 'unload');
      expect(status).toBe(200);
      for (const replica of body.replicas)
        expect(replica).toMatchObject({ state: 'stored', warm: false, children: 0, memory_bytes: null, problem: null });
    }
    expect(children.filter((pid) => !isAlive(pid))).toHaveLength(2);
    expect(children.reduce((sum, pid) => sum + residentBytesOf(pid), 0)).toBeLessThan(before - held / 2);
    const answer = await gateway.quick(jobId, { image: black });
    expect([answer.status, answer.body.model.warm]).toEqual([200, false]);
  });

  test('answers the picture that runs first', async () => {
    const { jobId, checkpoint } = await jobWith(named('busy'));
    await gateway.changeServing(jobId, checkpoint.id, 'warm');
    const running = gateway.quick(jobId, { image: white });
    await waitFor(async () => (await first.ready()).in_flight + (await second.ready()).in_flight === 1);
    const { status, body } = await gateway.changeServing(jobId, checkpoint.id, 'unload');
    expect([status, body.replicas.map(({ children }) => children)]).toEqual([200, [0, 0]]);
    expect((await running).status).toBe(200);
  });

  test('answers 504 on the replica whose picture takes longer than the caller waits, and 200 for the other', async () => {
    const { jobId, checkpoint } = await jobWith(detectModel({ brightSteps: endlessSteps }));
    await gateway.changeServing(jobId, checkpoint.id, 'warm');
    const client = new AbortController();
    const running = gateway.quick(jobId, { image: white, signal: client.signal }).catch(() => undefined);
    await waitFor(async () => (await first.ready()).in_flight + (await second.ready()).in_flight === 1);
    const { status, body } = await gateway.changeServing(jobId, checkpoint.id, 'unload', { timeoutMs: 2_000 });
    expect(status).toBe(200);
    const problems = body.replicas.map(({ problem }) => problem?.code ?? 'done').sort();
    expect(problems).toEqual(['DEADLINE_EXCEEDED', 'done']);
    client.abort();
    await running;
    await untilServing(jobId, 'unloaded everywhere', ({ children }) => children === 0);
  });
});

describe('a checkpoint that can be unloaded nowhere', () => {
  test('keeps its pin', async () => {
    const { jobId, checkpoint } = await jobWith(detectModel({ brightSteps: endlessSteps + 1 }));
    await gateway.patchCheckpoint(jobId, checkpoint.id, { pinned: true });
    await gateway.changeServing(jobId, checkpoint.id, 'warm');
    const client = new AbortController();
    const running = [1, 2].map(() =>
      gateway.quick(jobId, { image: white, signal: client.signal }).catch(() => undefined),
    );
    await waitFor(async () => (await first.ready()).in_flight === 1 && (await second.ready()).in_flight === 1);
    const pinned = async () =>
      (await gateway.checkpoints(jobId)).body.checkpoints.find(({ id }) => id === checkpoint.id)?.pinned;
    const { status } = await gateway.changeServing(jobId, checkpoint.id, 'unload', { timeoutMs: 1_000 });
    expect([status, await pinned()]).toEqual([504, true]);
    client.abort();
    await Promise.all(running);
    await untilServing(jobId, 'is warm again', ({ warm }) => warm);
    expect((await gateway.changeServing(jobId, checkpoint.id, 'unload')).status).toBe(200);
    expect(await pinned()).toBe(false);
  });
});

describe('a pinned checkpoint', () => {
  test('is loaded on every replica, again on one that comes back without it, and let go when it is unpinned', async () => {
    const { jobId, checkpoint } = await jobWith(named('pinned'));
    await gateway.changeServing(jobId, checkpoint.id, 'unload');
    const patched = await gateway.patchCheckpoint(jobId, checkpoint.id, { pinned: true });
    expect([patched.status, patched.body.pinned]).toEqual([200, true]);
    await untilServing(jobId, 'pinned everywhere', ({ pinned, warm }) => pinned && warm);

    await second.kill9();
    await waitFor(async () => (await servingOf(jobId)).some(({ state }) => state === 'unreachable'));
    await rm(join(second.folder, 'data/ultralytics-checkpoints', `${checkpoint.sha256}.onnx`));
    second = await second.again();
    await untilServing(jobId, 'pinned everywhere again', ({ pinned, warm }) => pinned && warm);
    const answer = await gateway.quick(jobId, { image: black });
    expect([answer.status, answer.body.model.warm]).toEqual([200, true]);

    expect((await gateway.patchCheckpoint(jobId, checkpoint.id, { pinned: false })).body.pinned).toBe(false);
    expect((await servingOf(jobId)).map(({ pinned }) => pinned)).toEqual([false, false]);
  });

  test('loses its pin when it is unloaded by hand', async () => {
    const { jobId, checkpoint } = await jobWith(named('by hand'));
    await gateway.patchCheckpoint(jobId, checkpoint.id, { pinned: true });
    await untilServing(jobId, 'pinned everywhere', ({ pinned, warm }) => pinned && warm);
    const { body } = await gateway.changeServing(jobId, checkpoint.id, 'unload');
    for (const replica of body.replicas) expect(replica).toMatchObject({ pinned: false, children: 0 });
    expect((await gateway.checkpoints(jobId)).body.checkpoints[0]?.pinned).toBe(false);
  });

  test('stays pinned while another job pins the same bytes, and goes with the last of them', async () => {
    const file = named('shared');
    const [one, other] = [await jobWith(file), await jobWith(file)];
    for (const { jobId, checkpoint } of [one, other])
      await gateway.patchCheckpoint(jobId, checkpoint.id, { pinned: true });
    await untilServing(one.jobId, 'pinned everywhere', ({ pinned }) => pinned);
    await gateway.patchCheckpoint(one.jobId, one.checkpoint.id, { pinned: false });
    expect((await servingOf(one.jobId)).map(({ pinned }) => pinned)).toEqual([true, true]);
    await gateway.deleteJob(other.jobId);
    await untilServing(one.jobId, 'unpinned everywhere', ({ pinned }) => !pinned);
  });

  test('a pin that nobody has in the database is taken away', async () => {
    const { jobId, checkpoint } = await jobWith(named('stray'));
    await gateway.patchCheckpoint(jobId, checkpoint.id, { pinned: true });
    const { jobId: otherJob } = await jobWith(named('not pinned'));
    await gateway.changeServing(otherJob, (await gateway.checkpoints(otherJob)).body.checkpoints[0]!.id, 'warm');
    await first.control(sha256Of(named('not pinned')), 'pin');
    await untilServing(otherJob, 'unpinned everywhere', ({ pinned }) => !pinned);
    await untilServing(jobId, 'still pinned', ({ pinned }) => pinned);
    await gateway.changeServing(jobId, checkpoint.id, 'unload');
  });
});

describe('what cannot be done is said', () => {
  test('404 for an unknown checkpoint, one of another job, and an unknown job', async () => {
    const { jobId, checkpoint } = await jobWith(named('elsewhere'));
    const { id: otherJob } = (await gateway.createJob()).body;
    for (const change of ['warm', 'unload'] as const) {
      for (const id of ['nonsense', '00000000-0000-7000-8000-000000000000'])
        expect(codeOf(await gateway.changeServing<Problem>(jobId, id, change))).toEqual([404, 'CHECKPOINT_NOT_FOUND']);
      expect(codeOf(await gateway.changeServing<Problem>(otherJob, checkpoint.id, change))).toEqual([
        404,
        'CHECKPOINT_NOT_FOUND',
      ]);
      expect(codeOf(await gateway.changeServing<Problem>(999_999, checkpoint.id, change))).toEqual([
        404,
        'JOB_NOT_FOUND',
      ]);
    }
    expect(codeOf(await gateway.patchCheckpoint<Problem>(otherJob, checkpoint.id, { pinned: true }))).toEqual([
      404,
      'CHECKPOINT_NOT_FOUND',
    ]);
  });

  test('424 with the words of its upload for a refused one, which cannot be pinned either; unload has nothing to do', async () => {
    const { id: jobId } = (await gateway.createJob()).body;
    const refused = await gateway.upload<Problem>(jobId, detectModel({ names: ['too', 'few'] }));
    expect(refused.status).toBe(424);
    const { id } = (await gateway.checkpoints(jobId)).body.checkpoints[0]!;
    for (const answer of [
      await gateway.changeServing<Problem>(jobId, id, 'warm'),
      await gateway.patchCheckpoint<Problem>(jobId, id, { pinned: true }),
    ]) {
      expect(codeOf(answer)).toEqual([424, 'CHECKPOINT_REFUSED']);
      expect(answer.body.detail).toBe(refused.body.detail);
    }
    expect((await gateway.changeServing(jobId, id, 'unload')).status).toBe(200);
  });

  test('405 for another method, 422 for a time that is none', async () => {
    const { jobId, checkpoint } = await jobWith(named('methods'));
    const url = `${gateway.url}/api/v1/training/jobs/${jobId}/checkpoints/${checkpoint.id}`;
    for (const path of ['warm', 'unload'])
      expect(codeOf(await call<Problem>(`${url}/${path}`))).toEqual([405, 'METHOD_NOT_ALLOWED']);
    const { status, body } = await call<Problem>(`${url}/warm?timeout_ms=soon`, { method: 'POST' });
    expect([status, body.errors?.map(({ field }) => field)]).toEqual([422, ['timeout_ms']]);
  });

  test('504 when it cannot be warm anywhere in time', async () => {
    const { jobId, checkpoint } = await jobWith(named('no time'));
    await gateway.changeServing(jobId, checkpoint.id, 'unload');
    const answer = await gateway.changeServing<Problem>(jobId, checkpoint.id, 'warm', { timeoutMs: 1 });
    expect(codeOf(answer)).toEqual([504, 'DEADLINE_EXCEEDED']);
  });
});

describe('a replica that is dead', () => {
  test('is named with its problem where another does the work, and in every list; without any other, 502', async () => {
    const { jobId, checkpoint } = await jobWith(named('half'));
    await second.kill9();
    const { status, body } = await gateway.changeServing(jobId, checkpoint.id, 'warm');
    expect(status).toBe(200);
    const of = (worker: StartedWorker) => body.replicas.find((each) => each.worker === worker.url);
    expect(of(first)).toMatchObject({ state: 'ready', warm: true, problem: null });
    expect(of(second)).toMatchObject({
      state: 'unreachable',
      warm: false,
      problem: { code: 'WORKER_UNREACHABLE', status: 502, retryable: true },
    });
    const korean = await gateway.changeServing(jobId, checkpoint.id, 'warm', { language: 'ko' });
    expect(korean.body.replicas.find(({ worker }) => worker === second.url)?.problem).toMatchObject({
      code: 'WORKER_UNREACHABLE',
      title: wordsOf('WORKER_UNREACHABLE', 'ko').title,
    });
    const shown = (await servingOf(jobId)).find(({ worker }) => worker === second.url);
    expect(shown).toMatchObject({ state: 'unreachable', reason: 'it cannot be reached' });

    const { body: all } = await gateway.models();
    expect(all.workers.find(({ url }) => url === first.url)).toMatchObject({ reachable: true, reason: null });
    expect(all.workers.find(({ url }) => url === second.url)).toEqual({
      framework: 'ultralytics',
      url: second.url,
      reachable: false,
      reason: 'it cannot be reached',
      families: [],
    });
    expect(all.models.filter(({ worker }) => worker === second.url)).toEqual([]);
    expect(all.models.find(({ sha256 }) => sha256 === checkpoint.sha256)).toMatchObject({
      worker: first.url,
      state: 'ready',
      children: 1,
      pinned: false,
    });

    await first.kill9();
    for (const change of ['warm', 'unload'] as const)
      expect(codeOf(await gateway.changeServing<Problem>(jobId, checkpoint.id, change))).toEqual([
        502,
        'WORKER_UNREACHABLE',
      ]);
    [first, second] = [await first.again(), await second.again()];
    expect((await gateway.changeServing(jobId, checkpoint.id, 'warm')).status).toBe(200);
  });
});

describe('GET /api/v1/models/list', () => {
  test('lists by framework and by task', async () => {
    await jobWith(named('listed'));
    const { body: timm } = await gateway.models({ framework: 'timm' });
    expect([timm.models, timm.workers.map(({ framework, reachable }) => [framework, reachable])]).toEqual([
      [],
      [['timm', false]],
    ]);
    const { body: detectors } = await gateway.models({ framework: 'ultralytics', task_type: 'object_detection' });
    expect(detectors.models.length).toBeGreaterThan(0);
    expect(new Set(detectors.models.map(({ task_type: task }) => task))).toEqual(new Set(['object_detection']));
    expect(new Set(detectors.workers.flatMap(({ families }) => families.map(({ name }) => name)))).toEqual(
      new Set(['yolo-detect']),
    );
    const { status } = await call(`${gateway.url}/api/v1/models/list?task_type=tea`);
    expect(status).toBe(422);
  });
});

test('a worker without memory for another checkpoint says so through the gateway', async () => {
  const small = await startWorker({ env: { CHILDREN_MAX: '1' } });
  const lone = await startGateway({
    databaseUrl: database.databaseUrl,
    env: { ULTRALYTICS_SERVICE_URL: small.url, CHECKPOINT_CHECK_MS: '60000' },
  });
  try {
    const { id: jobId } = (await lone.createJob()).body;
    const ids: string[] = [];
    for (const name of ['takes all', 'finds no room'])
      ids.push((await lone.upload(jobId, named(name))).body.checkpoints[0]!.id);
    await lone.patchCheckpoint(jobId, ids[0]!, { pinned: true });
    await waitFor(async () => (await small.checkpoint(sha256Of(named('takes all')))).state === 'ready');
    const { status, body } = await lone.changeServing<Problem>(jobId, ids[1]!, 'warm');
    expect([status, body.code]).toEqual([507, 'MEMORY_PINNED']);
    expect(body.detail).toContain('in 1 of 1 processes');
    await untilBusy(small, { running: 0 });
    await lone.patchCheckpoint(jobId, ids[0]!, { pinned: false });
    expect((await lone.changeServing(jobId, ids[1]!, 'warm')).status).toBe(200);
  } finally {
    await lone.close();
    await small.close();
  }
});
