import type { Checkpoint, InferenceReply, Problem } from '@lensgate/contracts';
import {
  type Answer,
  closeConnections,
  detectModel,
  greyPicture,
  nothingLeft,
  type StartedGateway,
  type StartedWorker,
  startGateway,
  startWorker,
  type TestDatabase,
  testDatabase,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const model = detectModel();
const named = (name: string) => withMetadata(model, { name });
let database: TestDatabase;
let picture: Buffer;

beforeAll(async () => {
  picture = await greyPicture(0);
  database = await testDatabase.open();
});
afterAll(async () => {
  await database?.close();
  await closeConnections();
});

const gatewayFor = (urls: readonly string[]) =>
  startGateway({
    databaseUrl: database.databaseUrl,
    env: {
      ULTRALYTICS_SERVICE_URL: urls.join(','),
      TIMM_SERVICE_URL: 'http://127.0.0.1:9',
      HUGGINGFACE_SERVICE_URL: 'http://127.0.0.1:9',
      CHECKPOINT_CHECK_MS: '200',
      JOB_CACHE_MS: '50',
    },
  });

const bestOf = async (gateway: StartedGateway, jobId: number): Promise<string[]> =>
  (await gateway.checkpoints(jobId)).body.checkpoints.filter(({ is_best }) => is_best).map(({ id }) => id);

async function uploadBest(gateway: StartedGateway, jobId: number, file: Uint8Array): Promise<Checkpoint> {
  const { status, body } = await gateway.upload(jobId, file, { metadata: { is_best: true } });
  expect(status).toBe(201);
  return body.checkpoints[0]!;
}

/** Pictures for the job, one after the other on several connections, until the work is done. */
async function servedMeanwhile<T>(
  gateway: StartedGateway,
  jobId: number,
  work: () => Promise<T>,
): Promise<{ answers: Answer<InferenceReply>[]; outcome: T }> {
  const answers: Answer<InferenceReply>[] = [];
  let isOver = false;
  const client = async () => {
    while (!isOver) answers.push(await gateway.quick(jobId, { image: picture }));
  };
  const clients = [client(), client()];
  try {
    await waitFor(() => answers.length >= 4, { what: 'the first answers' });
    return { outcome: await work(), answers };
  } finally {
    isOver = true;
    await Promise.all(clients);
  }
}

describe('a new best checkpoint', () => {
  let gateway: StartedGateway;
  let workers: StartedWorker[];
  let jobId: number;
  let old: Checkpoint;

  beforeAll(async () => {
    const env = { WORKER_CPUS: '1' };
    workers = await Promise.all([startWorker({ env }), startWorker({ env })]);
    gateway = await gatewayFor(workers.map(({ url }) => url));
    jobId = (await gateway.createJob()).body.id;
    old = await uploadBest(gateway, jobId, named('old'));
  });
  afterAll(async () => {
    const services = [gateway, ...workers];
    for (const service of services) await service.stop();
    const left = await Promise.all(services.map((service) => service.leftovers()));
    for (const service of services) await service.close();
    expect(left).toEqual(services.map(() => nothingLeft));
  });

  test('takes over without a request that fails or meets it cold, on any worker', async () => {
    const { outcome: fresh, answers } = await servedMeanwhile(gateway, jobId, async () => {
      const uploaded = await uploadBest(gateway, jobId, named('new'));
      await waitFor(async () => {
        const { body } = await gateway.quick(jobId, { image: picture });
        return body.model.checkpoint_path === uploaded.path;
      });
      return uploaded;
    });
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    expect(new Set(answers.map(({ body }) => body.model.checkpoint_path))).toContain(old.path);
    expect(answers.filter(({ body }) => !body.model.warm).map(({ body }) => body.model.checkpoint_path)).toEqual([]);
    expect(await bestOf(gateway, jobId)).toEqual([fresh.id]);
  });

  test('that cannot be run leaves the old in place, and no request fails', async () => {
    const [before] = await bestOf(gateway, jobId);
    const { outcome: refused, answers } = await servedMeanwhile(gateway, jobId, () =>
      gateway.upload<Problem>(jobId, Buffer.from('no model'), { metadata: { is_best: true } }),
    );
    expect([refused.status, refused.body.code]).toEqual([424, 'CHECKPOINT_REFUSED']);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await bestOf(gateway, jobId)).toEqual([before]);
  });

  test('by a change of the job is loaded on every worker before pictures go to it', async () => {
    await gateway.changeServing(jobId, old.id, 'unload');
    const { answers } = await servedMeanwhile(gateway, jobId, async () => {
      const { status, body } = await gateway.patchCheckpoint(jobId, old.id, { is_best: true });
      expect([status, body.is_best]).toEqual([200, true]);
      await waitFor(
        async () => (await gateway.quick(jobId, { image: picture })).body.model.checkpoint_path === old.path,
      );
    });
    expect(answers.every(({ status, body }) => status === 200 && body.model.warm)).toBe(true);
    expect(await bestOf(gateway, jobId)).toEqual([old.id]);
  });
});

describe('with one worker', () => {
  test('a best that there is no room for is not taken, and the old serves on', async () => {
    const worker = await startWorker({ env: { CHILDREN_MAX: '1' } });
    onTestFinished(worker.close);
    const gateway = await gatewayFor([worker.url]);
    onTestFinished(gateway.close);
    const jobId = (await gateway.createJob()).body.id;
    const old = await uploadBest(gateway, jobId, named('kept'));
    const other = (await gateway.upload(jobId, named('other'))).body.checkpoints[0]!;
    expect((await gateway.patchCheckpoint(jobId, old.id, { pinned: true })).status).toBe(200);
    await waitFor(async () => (await worker.checkpoint(old.sha256)).children === 1);
    const { status, body } = await gateway.patchCheckpoint<Problem>(jobId, other.id, { is_best: true });
    expect([status, body.code]).toEqual([507, 'MEMORY_PINNED']);
    expect(await bestOf(gateway, jobId)).toEqual([old.id]);
    expect((await gateway.quick(jobId, { image: picture })).body.model.checkpoint_path).toBe(old.path);
  });

  test('one that came while no worker was there takes over when one is back, without being asked for', async () => {
    let worker = await startWorker();
    onTestFinished(() => worker.close());
    const gateway = await gatewayFor([worker.url]);
    onTestFinished(gateway.close);
    const jobId = (await gateway.createJob()).body.id;
    const old = await uploadBest(gateway, jobId, named('before'));
    await worker.stop();
    const { status, body } = await gateway.upload(jobId, named('meanwhile'), { metadata: { is_best: true } });
    const late = body.checkpoints[0]!;
    expect([status, late.status]).toEqual([202, 'pending']);
    worker = await worker.again();
    // By the old one, or already by the late one: it may have been looked into before this picture came.
    const meanwhile = await gateway.quick(jobId, { image: picture });
    expect(meanwhile.status).toBe(200);
    expect([old.path, late.path]).toContain(meanwhile.body.model.checkpoint_path);
    await waitFor(async () => (await bestOf(gateway, jobId)).join() === late.id, {
      what: 'the late one to be the best',
    });
    const answer = await gateway.quick(jobId, { image: picture });
    expect([answer.status, answer.body.model.checkpoint_path]).toEqual([200, late.path]);
  });
});
