import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf, first, gatewayWithPeer } from './gateway-with-peer.js';
import { json, quickForm, startGateway, type TestGateway } from './start-gateway.js';

const { at, databaseUrl, createJob, storedFiles } = gatewayWithPeer();
let other: TestGateway;
/** Another gateway on the same database; with the same folder unless it is to have its own. */
const another = ({ sharesFolder }: { sharesFolder: boolean }): Promise<TestGateway> =>
  startGateway(databaseUrl(), {
    ULTRALYTICS_SERVICE_URL: at.peer.url,
    WORKER_TOKEN: 'between-us',
    JOB_CACHE_MS: '600000',
    ...(sharesFolder ? { DATA_DIR: at.gateway.dataDir } : {}),
  });
beforeEach(async () => {
  other = await another({ sharesFolder: true });
});
afterEach(() => other.stop());

const upload = async ({ api }: TestGateway, jobId: number, content: string, metadata = {}) => {
  const form = new FormData();
  form.append('file', new Blob([content]), 'a.onnx');
  form.append('metadata', JSON.stringify(metadata));
  return json(await fetch(`${api}/training/jobs/${jobId}/checkpoints`, { method: 'POST', body: form }));
};
const remove = async ({ api }: TestGateway, path: string) =>
  expect((await fetch(`${api}/training/jobs/${path}`, { method: 'DELETE' })).status).toBe(204);
const quick = async ({ api }: TestGateway, jobId: number, fields = {}) => {
  const body = quickForm({ training_job_id: `${jobId}`, ...fields });
  return json(await fetch(`${api}/test_inference/inference/quick`, { method: 'POST', body }));
};

/** So many requests later: each round meets the upload at another point. */
const removeAfter = async (requests: number, path: string) => {
  for (let left = requests; left > 0; left--) await fetch(`${at.gateway.url}/health`);
  await remove(at.gateway, path);
};

test('the same upload to two gateways at one time is one checkpoint', async () => {
  for (let round = 0; round < 5; round++) {
    const job = await createJob();
    const answers = await Promise.all([at.gateway, other].map((each) => upload(each, job.id, `both ${round}`)));
    expect(answers.every(({ status }) => status === 200 || status === 201)).toBe(true);
    expect(new Set(answers.map(({ body }) => first(body).id)).size).toBe(1);
  }
  expect(await storedFiles()).toHaveLength(5);
});

test('bytes that are uploaded to one while another deletes the last job that had them are never lost', async () => {
  for (let round = 0; round < 12; round++) {
    const [old, fresh] = [await createJob(), await createJob()];
    await upload(at.gateway, old.id, 'the same');
    const [uploaded] = await Promise.all([upload(other, fresh.id, 'the same'), removeAfter(round % 6, `${old.id}`)]);
    expect([200, 201]).toContain(uploaded.status);
    expect(await storedFiles()).toEqual([digestOf('the same')]);
    at.peer.held.clear();
    for (const each of [at.gateway, other]) expect((await quick(each, fresh.id)).status).toBe(200);
    await remove(other, `${fresh.id}`);
    expect(await storedFiles()).toEqual([]);
  }
});

test('what one deletes, the other tells the truth about, also where it remembers more', async () => {
  const job = await createJob();
  const kept = first((await upload(other, job.id, 'kept')).body);
  const best = first((await upload(other, job.id, 'best', { is_best: true })).body);
  expect((await quick(other, job.id)).status).toBe(200);
  expect((await quick(other, job.id, { checkpoint_path: best.path })).status).toBe(200);
  await remove(at.gateway, `${job.id}/checkpoints/${best.id}`);
  expect(await quick(other, job.id, { checkpoint_path: best.path })).toMatchObject({
    status: 404,
    body: { code: 'CHECKPOINT_NOT_FOUND' },
  });
  // Who names none goes on with what the job has now.
  expect((await quick(other, job.id)).status).toBe(200);
  expect(at.peer.pictures.at(-1)?.fields.checkpoint_sha256).toBe(kept.sha256);
  await remove(at.gateway, `${job.id}`);
  expect(await quick(other, job.id)).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } });
});

test('a gateway with a folder of its own says that it lacks the file, and has it after an upload', async () => {
  const alone = await another({ sharesFolder: false });
  try {
    const job = await createJob();
    const { path } = first((await upload(at.gateway, job.id, 'elsewhere')).body);
    at.peer.held.clear();
    expect(await quick(alone, job.id)).toMatchObject({
      status: 409,
      body: { code: 'CHECKPOINT_FILE_MISSING', params: { job_id: job.id, checkpoint: path } },
    });
    expect((await upload(alone, job.id, 'elsewhere')).status).toBe(200);
    expect((await quick(alone, job.id)).status).toBe(200);
  } finally {
    await alone.stop();
  }
});
