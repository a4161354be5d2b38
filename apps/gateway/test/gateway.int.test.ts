import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Checkpoint, CheckpointList, fail, Problem, TrainingJob } from '@lensgate/contracts';
import { freePort, type TestDatabase } from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { json, openDatabase, quickForm, sendJson, startGateway, type TestGateway } from './start-gateway.js';
import { startWorkerPeer, type WorkerPeer } from './worker-peer.js';

let database: TestDatabase;
let gateway: TestGateway;
let peer: WorkerPeer;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  peer = await startWorkerPeer({ token: 'between-us' });
  gateway = await startGateway(database.databaseUrl, {
    ULTRALYTICS_SERVICE_URL: peer.url,
    TIMM_SERVICE_URL: `http://127.0.0.1:${await freePort()}`,
    TRAINING_SERVICE_URL: peer.url,
    WORKER_TOKEN: 'between-us',
    UPLOAD_BYTES_MAX: '100000',
    UPLOADS_IN_FLIGHT_BYTES_MAX: '150000',
  });
  await gateway.parts.database.$executeRaw`TRUNCATE training_jobs, checkpoints RESTART IDENTITY`;
});
afterEach(async () => {
  await gateway.stop();
  await peer.close();
});

const aJob = (fields: Record<string, unknown> = {}) => ({
  name: '옷장',
  framework: 'ultralytics',
  model_name: 'wardrobe',
  task_type: 'object_detection',
  num_classes: 2,
  class_names: ['셔츠', 'shoe'],
  ...fields,
});
const createJob = async (fields?: Record<string, unknown>): Promise<TrainingJob> =>
  TrainingJob.parse((await sendJson(`${gateway.api}/training/jobs`, 'POST', aJob(fields))).body);

const checkpointsUrl = (jobId: number) => `${gateway.api}/training/jobs/${jobId}/checkpoints`;
async function upload(jobId: number, content: string, metadata?: unknown) {
  const form = new FormData();
  form.append('file', new Blob([content]), 'best.onnx');
  if (metadata !== undefined) form.append('metadata', JSON.stringify(metadata));
  return json(await fetch(checkpointsUrl(jobId), { method: 'POST', body: form }));
}
const first = (body: unknown): Checkpoint => CheckpointList.parse(body).checkpoints[0]!;
const quick = async (fields: Record<string, string>, file?: Parameters<typeof quickForm>[1]) =>
  json(await fetch(`${gateway.api}/test_inference/inference/quick`, { method: 'POST', body: quickForm(fields, file) }));
const storedFiles = () => readdir(join(gateway.dataDir, 'checkpoints'));
const digestOf = (content: string) => createHash('sha256').update(content).digest('hex');

test('jobs are created, listed page by page, read, replaced, changed and deleted', async () => {
  const job = await createJob();
  expect(job).toMatchObject({ ...aJob(), status: 'pending', dataset_path: null });
  const put = await sendJson(`${gateway.api}/training/jobs/500`, 'PUT', aJob({ name: 'own id' }));
  expect([put.status, put.body.id]).toEqual([201, 500]);
  const again = await sendJson(`${gateway.api}/training/jobs/500`, 'PUT', aJob({ framework: null, class_names: null }));
  expect([again.status, again.body.framework, again.body.class_names]).toEqual([200, null, null]);
  const patched = await sendJson(`${gateway.api}/training/jobs/${job.id}`, 'PATCH', { status: 'completed' });
  expect([patched.status, patched.body.status, patched.body.name]).toEqual([200, 'completed', '옷장']);

  const page = (await json(await fetch(`${gateway.api}/training/jobs?limit=1`))).body;
  expect(page.jobs).toHaveLength(1);
  const next = await fetch(`${gateway.api}/training/jobs?limit=1&cursor=${page.next_cursor}`);
  expect((await json(next)).body).toMatchObject({ jobs: [{}], next_cursor: null });
  expect(await json(await fetch(`${gateway.api}/training/jobs?cursor=nonsense`))).toMatchObject({
    status: 422,
    body: { code: 'FIELD_INVALID', errors: [{ field: 'cursor' }] },
  });

  expect((await fetch(`${gateway.api}/training/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(204);
  for (const method of ['GET', 'DELETE'])
    expect(await json(await fetch(`${gateway.api}/training/jobs/${job.id}`, { method }))).toMatchObject({
      status: 404,
      body: { code: 'JOB_NOT_FOUND' },
    });
});

test('every wrong field of a job is named', async () => {
  const { status, body } = await sendJson(
    `${gateway.api}/training/jobs`,
    'POST',
    aJob({ task_type: 'tea', num_classes: -1, more: 1 }),
  );
  expect(status).toBe(422);
  expect(
    Problem.parse(body)
      .errors?.map(({ field }) => field)
      .sort(),
  ).toEqual(['(request)', 'num_classes', 'task_type']);
});

test('an uploaded checkpoint is inspected by the worker and answered with what it found', async () => {
  const job = await createJob();
  const { status, body } = await upload(job.id, 'model one', { is_best: true, epoch: 7 });
  expect(status).toBe(201);
  expect(first(body)).toMatchObject({
    filename: 'best.onnx',
    is_best: true,
    epoch: 7,
    bytes: 9,
    sha256: digestOf('model one'),
    status: 'accepted',
    findings: { family: 'yolo-detect' },
    warnings: ['said by the worker'],
  });
  expect(await storedFiles()).toEqual([digestOf('model one')]);
  const repeated = await upload(job.id, 'model one');
  expect([repeated.status, first(repeated.body).id]).toEqual([200, first(body).id]);
  expect(peer.pushes).toHaveLength(1);
  const listed = await json(await fetch(checkpointsUrl(job.id)));
  expect(CheckpointList.parse(listed.body).checkpoints).toHaveLength(1);
});

test('what is said of a checkpoint when it is uploaded again counts, or a warning says that it does not', async () => {
  const job = await createJob();
  const other = first((await upload(job.id, 'other', { is_best: true })).body);
  const once = first((await upload(job.id, 'model', { epoch: 1, class_names: ['a', 'b'] })).body);
  expect(once).toMatchObject({ is_best: false, epoch: 1 });
  const said = { epoch: 9, is_best: true, class_names: ['a', 'b'] };
  const again = await upload(job.id, 'model', said);
  expect([again.status, first(again.body)]).toEqual([200, { ...once, epoch: 9, is_best: true }]);
  const listed = CheckpointList.parse((await json(await fetch(checkpointsUrl(job.id)))).body).checkpoints;
  expect(listed.find(({ id }) => id === other.id)?.is_best).toBe(false);
  const renamed = first((await upload(job.id, 'model', { ...said, class_names: ['c', 'd'] })).body);
  expect(renamed.warnings.at(-1)).toMatch(/only is_best and epoch were taken over/);
});

test('what is said of a refused checkpoint when it is uploaded again counts', async () => {
  const job = await createJob({ class_names: null });
  peer.behaviour.refuseCheckpoint = fail('CHECKPOINT_REFUSED', { reason: 'no' });
  expect((await upload(job.id, 'bad', { epoch: 1 })).status).toBe(424);
  delete peer.behaviour.refuseCheckpoint;
  const said = { epoch: 2, is_best: true, class_names: ['신발', 'bag'] };
  expect(first((await upload(job.id, 'bad', said)).body)).toMatchObject({
    status: 'accepted',
    epoch: 2,
    is_best: true,
  });
  const row = await gateway.parts.database.checkpoint.findFirstOrThrow({ where: { jobId: job.id } });
  expect(row.metadata).toMatchObject({ class_names: ['신발', 'bag'] });
});

test('class names of a file that the database cannot hold are kept without what it cannot', async () => {
  const job = await createJob();
  peer.behaviour.classNames = ['t\0shirt', '신발'];
  const { status, body } = await upload(job.id, 'model');
  expect([status, first(body).status]).toEqual([201, 'accepted']);
  expect(first(body).findings?.class_names).toEqual(['t\ufffdshirt', '신발']);
});

test('text that no database can hold is a fault of its field, and leaves nothing', async () => {
  const job = await createJob();
  const jobs = `${gateway.api}/training/jobs`;
  for (const [field, value] of [
    ['name', 'a\0b'],
    ['dataset_path', '\0'],
    ['class_names', ['shirt', '\udc00']],
  ] as const) {
    const answers = [
      await sendJson(jobs, 'POST', aJob({ [field]: value })),
      await sendJson(`${jobs}/${job.id}`, 'PATCH', { [field]: value }),
    ];
    for (const { status, body } of answers) {
      expect([status, Problem.parse(body).code]).toEqual([422, 'FIELD_INVALID']);
      expect(Problem.parse(body).errors?.[0]?.field).toMatch(new RegExp(`^${field}`));
    }
  }
  expect(await quick({ training_job_id: `${job.id}`, checkpoint_path: 'a\0' })).toMatchObject({
    status: 422,
    body: { code: 'FIELD_INVALID' },
  });
  expect((await upload(job.id, 'model', { note: '\0' })).status).toBe(422);
  expect(await storedFiles()).toEqual([]);
});

test('a refused checkpoint answers 424 with the reason, is listed as refused and keeps no bytes', async () => {
  const job = await createJob();
  peer.behaviour.refuseCheckpoint = fail('CHECKPOINT_REFUSED', { reason: 'It has 3 outputs.' });
  expect(await upload(job.id, 'bad')).toMatchObject({
    status: 424,
    body: { code: 'CHECKPOINT_REFUSED', detail: 'It has 3 outputs.' },
  });
  expect(await storedFiles()).toEqual([]);
  const listed = first((await json(await fetch(checkpointsUrl(job.id)))).body);
  expect(listed).toMatchObject({ status: 'refused', warnings: ['It has 3 outputs.'] });
  expect(await quick({ training_job_id: `${job.id}`, checkpoint_path: listed.path })).toMatchObject({
    status: 424,
    body: { detail: 'It has 3 outputs.' },
  });
  delete peer.behaviour.refuseCheckpoint;
  const again = await upload(job.id, 'bad');
  expect([again.status, first(again.body).id, first(again.body).status]).toEqual([201, listed.id, 'accepted']);
  expect(await storedFiles()).toHaveLength(1);
});

test('a checkpoint whose worker is away is kept as pending and inspected at its first use', async () => {
  const job = await createJob();
  await peer.close();
  const { status, body } = await upload(job.id, 'later');
  expect([status, first(body).status]).toEqual([202, 'pending']);
  expect(first(body).warnings[0]).toContain('cannot be reached');
  expect((await quick({ training_job_id: `${job.id}` })).status).toBe(502);
  peer = await startWorkerPeer({ port: peer.port, token: 'between-us' });
  await Promise.all(
    [1, 2, 3].map(async () => expect((await quick({ training_job_id: `${job.id}` })).status).toBe(200)),
  );
  expect(peer.pushes).toHaveLength(1);
  expect(first((await json(await fetch(checkpointsUrl(job.id)))).body).status).toBe('accepted');
});

test('bytes that two jobs share stay until the last of them goes', async () => {
  const [one, two] = [await createJob(), await createJob()];
  const shared = first((await upload(one.id, 'shared')).body);
  await upload(two.id, 'shared');
  expect((await fetch(`${checkpointsUrl(one.id)}/${shared.id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await storedFiles()).toHaveLength(1);
  expect(peer.deletions).toEqual([]);
  await fetch(`${gateway.api}/training/jobs/${two.id}`, { method: 'DELETE' });
  expect(await storedFiles()).toEqual([]);
  expect(peer.deletions).toEqual([shared.sha256]);
});

test('a checkpoint is changed, and one of another job is not found', async () => {
  const [one, two] = [await createJob(), await createJob()];
  const mine = first((await upload(one.id, 'mine')).body);
  const patched = await sendJson(`${checkpointsUrl(one.id)}/${mine.id}`, 'PATCH', { is_best: false, epoch: 3 });
  expect(Checkpoint.parse(patched.body)).toMatchObject({ is_best: false, epoch: 3 });
  for (const [jobId, id, code] of [
    [two.id, mine.id, 'CHECKPOINT_NOT_FOUND'],
    [one.id, 'nonsense', 'CHECKPOINT_NOT_FOUND'],
    [99999, mine.id, 'JOB_NOT_FOUND'],
  ])
    expect(await sendJson(`${checkpointsUrl(Number(jobId))}/${id}`, 'PATCH', { epoch: 1 })).toMatchObject({
      status: 404,
      body: { code },
    });
});

test('an upload that breaks off, or has wrong metadata, leaves no row and no bytes', async () => {
  const job = await createJob();
  const form = new FormData();
  form.append('file', new Blob(['x'.repeat(100_000)]), 'a.onnx');
  form.append('metadata', '{"epoch":-1}');
  const wrong = await json(await fetch(checkpointsUrl(job.id), { method: 'POST', body: form }));
  expect(wrong).toMatchObject({ status: 422, body: { code: 'FIELD_INVALID' } });
  expect(await storedFiles()).toEqual([]);
  expect((await upload(99999, 'x')).status).toBe(404);
  expect((await json(await fetch(checkpointsUrl(job.id)))).body).toEqual({ checkpoints: [] });
});

test('a field of an upload that is not known is named in its warnings', async () => {
  const job = await createJob();
  const form = new FormData();
  form.append('file', new Blob(['x']), 'a.onnx');
  form.append('is_bset', 'true');
  const response = await fetch(`${checkpointsUrl(job.id)}?epoc=3`, { method: 'POST', body: form });
  expect(first((await json(response)).body).warnings).toEqual([
    'said by the worker',
    'The field epoc is not known and was ignored.',
    'The field is_bset is not known and was ignored.',
  ]);
});

test('a picture reaches the worker with what the job says, and the answer passes unchanged', async () => {
  const job = await createJob();
  const { path, sha256 } = first((await upload(job.id, 'm')).body);
  const response = await fetch(`${gateway.api}/test_inference/inference/quick`, {
    method: 'POST',
    headers: { 'x-request-id': 'trace-1' },
    body: quickForm(
      { training_job_id: `${job.id}`, confidence_threshold: '0.4', classes: '1,0', overlay: 'false', other: 'ignored' },
      { name: '사진 "1".png' },
    ),
  });
  const text = await response.text();
  expect(text).toMatch(/^\{ "image_name" : ".*", {2}"more":1\.50 \}$/);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(response.headers.get('server-timing')).toBe('run;dur=1');
  expect(response.headers.get('x-request-id')).toBe('trace-1');
  const [seen] = peer.pictures;
  expect(seen!.headers).toMatchObject({ 'x-request-id': 'trace-1', authorization: 'Bearer between-us' });
  expect(Number(seen!.headers['x-deadline-ms'])).toBeGreaterThan(200_000);
  expect(Number(seen!.headers['x-deadline-ms']) + Number(seen!.headers['x-request-age-ms'])).toBe(300_000);
  expect(seen!.fields).toMatchObject({
    training_job_id: job.id,
    framework: 'ultralytics',
    model_name: 'wardrobe',
    task_type: 'object_detection',
    num_classes: 2,
    class_names: ['셔츠', 'shoe'],
    checkpoint_path: path,
    checkpoint_sha256: sha256,
    confidence_threshold: 0.4,
    classes: [1, 0],
    overlay: false,
    max_detections: 100,
  });
  expect(seen!.filename).toContain('사진');
});

test('a worker that has lost a checkpoint gets it again, once for all who wait', async () => {
  const job = await createJob();
  await upload(job.id, 'm');
  peer.held.clear();
  const before = peer.pushes.length;
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  peer.behaviour.holdCheckpoint = () => gate;
  const waiting = Promise.all([1, 2, 3, 4].map(() => quick({ training_job_id: `${job.id}` })));
  await expect.poll(() => peer.pictures.length).toBe(4);
  release();
  expect((await waiting).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(peer.pushes.length - before).toBe(1);
});

test('unknown jobs and foreign checkpoints are 404, `pretrained` asks for the worker’s own model', async () => {
  const [one, two] = [await createJob(), await createJob()];
  const { path } = first((await upload(one.id, 'm')).body);
  expect(await quick({ training_job_id: '99999' })).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } });
  expect(await quick({ training_job_id: `${two.id}`, checkpoint_path: path })).toMatchObject({
    status: 404,
    body: { code: 'CHECKPOINT_NOT_FOUND' },
  });
  expect(await quick({ training_job_id: `${one.id}`, checkpoint_path: 'pretrained' })).toMatchObject({
    status: 409,
    body: { code: 'CHECKPOINT_MISSING' },
  });
  expect(peer.pictures.at(-1)!.fields).toMatchObject({ checkpoint_path: 'pretrained' });
  expect(peer.pictures.at(-1)!.fields.checkpoint_sha256).toBeUndefined();
  expect(await quick({ training_job_id: `${two.id}` })).toMatchObject({
    status: 409,
    body: { code: 'CHECKPOINT_MISSING' },
  });
});

test('a job without a framework runs on the fallback worker, one of an unknown framework is told so', async () => {
  const nameless = await createJob({ framework: null });
  await upload(nameless.id, 'm');
  expect((await quick({ training_job_id: `${nameless.id}` })).status).toBe(200);
  const strange = await createJob({ framework: 'paddle' });
  expect(await quick({ training_job_id: `${strange.id}` })).toMatchObject({
    status: 422,
    body: { code: 'FRAMEWORK_NOT_SERVED', detail: 'This worker serves ultralytics, not "paddle".' },
  });
});

test.each([
  [fail('QUEUE_FULL', { waiting: 64, retry_after_s: 7 }, { retryAfterS: 7 }), 429, '7'],
  [fail('IMAGE_UNSUPPORTED', { reason: 'This is text.' }), 415, null],
  [fail('CHILD_CRASHED', {}), 500, null],
] as const)(
  'a worker’s refusal passes with its status, words and Retry-After (%#)',
  async (refusal, status, retryAfter) => {
    const job = await createJob();
    await upload(job.id, 'm');
    peer.behaviour.refuse = refusal;
    const response = await fetch(`${gateway.api}/test_inference/inference/quick`, {
      method: 'POST',
      body: quickForm({ training_job_id: `${job.id}` }),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      code: refusal.code,
      detail: refusal.message,
      request_id: response.headers.get('x-request-id'),
    });
  },
);

test('a change is seen by the next request, in spite of the cache', async () => {
  const job = await createJob();
  await upload(job.id, 'old');
  await quick({ training_job_id: `${job.id}` });
  await upload(job.id, 'new');
  await quick({ training_job_id: `${job.id}` });
  expect(peer.pictures.at(-1)!.fields.checkpoint_sha256).toBe(digestOf('new'));
  await sendJson(`${gateway.api}/training/jobs/${job.id}`, 'PATCH', { model_name: 'renamed' });
  await quick({ training_job_id: `${job.id}` });
  expect(peer.pictures.at(-1)!.fields.model_name).toBe('renamed');
});

test('a client that goes away ends the request to the worker at once', async () => {
  const job = await createJob();
  await upload(job.id, 'm');
  peer.behaviour.hold = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const controller = new AbortController();
  const running = fetch(`${gateway.api}/test_inference/inference/quick`, {
    method: 'POST',
    body: quickForm({ training_job_id: `${job.id}` }),
    signal: controller.signal,
  }).catch((error: unknown) => error);
  await expect.poll(() => peer.pictures.length).toBe(1);
  controller.abort();
  await running;
  await expect.poll(() => peer.aborted).toBe(1);
  await expect.poll(() => gateway.app.lifecycle.inFlight).toBe(0);
  expect(gateway.parts.uploads.bytes).toBe(0);
});

test('a worker that does not answer in time is a 504, and its request is ended', async () => {
  const job = await createJob();
  await upload(job.id, 'm');
  peer.behaviour.hold = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const answer = await quick({ training_job_id: `${job.id}`, timeout_ms: '50' });
  expect(answer).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED', params: { timeout_ms: 50 } } });
  await expect.poll(() => peer.aborted).toBe(1);
});

test('pictures beyond what may be held are refused at once with Retry-After', async () => {
  const job = await createJob();
  await upload(job.id, 'm');
  let release = () => {};
  peer.behaviour.hold = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const big = { bytes: new Uint8Array(90_000) };
  const running = quick({ training_job_id: `${job.id}` }, big);
  await expect.poll(() => peer.pictures.length).toBe(1);
  const refused = await fetch(`${gateway.api}/test_inference/inference/quick`, {
    method: 'POST',
    body: quickForm({ training_job_id: `${job.id}` }, big),
  });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await refused.json()).toMatchObject({ code: 'UPLOADS_FULL', retryable: true });
  release();
  expect((await running).status).toBe(200);
  await expect.poll(() => gateway.parts.uploads.bytes).toBe(0);
});

test.each([
  ['a picture that is too large', { training_job_id: '1' }, 100_001, 413, 'FILE_TOO_LARGE'],
  ['a missing job id', {}, 1, 422, 'FIELD_INVALID'],
  ['an unknown field value', { training_job_id: '1', masks: 'neon' }, 1, 422, 'FIELD_INVALID'],
  ['NaN', { training_job_id: '1', confidence_threshold: 'NaN' }, 1, 422, 'FIELD_INVALID'],
  ['a boolean that is none', { training_job_id: '1', overlay: 'yes' }, 1, 422, 'FIELD_INVALID'],
])('%s is refused by the gateway itself', async (_, fields, bytes, status, code) => {
  expect(await quick(fields as Record<string, string>, { bytes: new Uint8Array(bytes) })).toMatchObject({
    status,
    body: { code },
  });
  expect(peer.pictures).toHaveLength(0);
});

test('ready tells of the database and of each worker, and one dead worker does not matter', async () => {
  const { status, body } = await json(await fetch(`${gateway.url}/ready`));
  expect(status).toBe(200);
  expect(body).toMatchObject({ ready: true, database: { reachable: true, migrated: true } });
  const workers = body.workers as { framework: string; ready: boolean; reason: string | null }[];
  expect(workers.find(({ framework }) => framework === 'ultralytics')?.ready).toBe(true);
  expect(workers.find(({ framework }) => framework === 'timm')?.reason).toBe('it cannot be reached');
});

test('the models of all workers are listed, a worker that is away is named', async () => {
  const { body } = await json(await fetch(`${gateway.api}/models/list?framework=timm`));
  expect(body.workers).toEqual([expect.objectContaining({ framework: 'timm', reachable: false })]);
});

test('the documents are there: OpenAPI, a page that can send requests, and a paragraph for every error', async () => {
  const document = await json(await fetch(`${gateway.url}/openapi.json`));
  expect(document.body.openapi).toBe('3.1.0');
  const page = await fetch(`${gateway.url}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'");
  expect(page.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  const html = await page.text();
  for (const [, asset] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect(asset).not.toMatch(/^(https?:)?\/\//);
    expect((await fetch(new URL(asset!, `${gateway.url}/docs`))).status).toBe(200);
  }
  const shown = JSON.stringify((await json(await fetch(`${gateway.url}/docs/json`))).body);
  // The page shows a field where a file can be chosen.
  expect(shown).toContain(
    '"multipart/form-data":{"schema":{"type":"object","properties":{"file":{"type":"string","format":"binary"',
  );
  const errors = await fetch(`${gateway.url}/docs/errors`, { headers: { 'accept-language': 'ko' } });
  expect(errors.headers.get('content-language')).toBe('ko');
  expect(await errors.text()).toMatch(/<section id="job_not_found">.*학습 작업 없음/);
});
