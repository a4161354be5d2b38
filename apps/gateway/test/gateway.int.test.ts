import { fail, Problem } from '@lensgate/contracts';
import { expect, test } from 'vitest';
import { aJob, digestOf, first, gatewayWithPeer } from './gateway-with-peer.js';
import { json, quickForm, sendJson } from './start-gateway.js';

const { at, createJob, upload, quick } = gatewayWithPeer();

test('jobs are created, listed page by page, read, replaced, changed and deleted', async () => {
  const job = await createJob();
  expect(job).toMatchObject({ ...aJob(), status: 'pending', dataset_path: null });
  const put = await sendJson(`${at.gateway.api}/training/jobs/500`, 'PUT', aJob({ name: 'own id' }));
  expect([put.status, put.body.id]).toEqual([201, 500]);
  const again = await sendJson(
    `${at.gateway.api}/training/jobs/500`,
    'PUT',
    aJob({ framework: null, class_names: null }),
  );
  expect([again.status, again.body.framework, again.body.class_names]).toEqual([200, null, null]);
  const patched = await sendJson(`${at.gateway.api}/training/jobs/${job.id}`, 'PATCH', { status: 'completed' });
  expect([patched.status, patched.body.status, patched.body.name]).toEqual([200, 'completed', '옷장']);

  const page = (await json(await fetch(`${at.gateway.api}/training/jobs?limit=1`))).body;
  expect(page.jobs).toHaveLength(1);
  const next = await fetch(`${at.gateway.api}/training/jobs?limit=1&cursor=${page.next_cursor}`);
  expect((await json(next)).body).toMatchObject({ jobs: [{}], next_cursor: null });
  expect(await json(await fetch(`${at.gateway.api}/training/jobs?cursor=nonsense`))).toMatchObject({
    status: 422,
    body: { code: 'FIELD_INVALID', errors: [{ field: 'cursor' }] },
  });

  expect((await fetch(`${at.gateway.api}/training/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(204);
  for (const method of ['GET', 'DELETE'])
    expect(await json(await fetch(`${at.gateway.api}/training/jobs/${job.id}`, { method }))).toMatchObject({
      status: 404,
      body: { code: 'JOB_NOT_FOUND' },
    });
});

test('every wrong field of a job is named', async () => {
  const { status, body } = await sendJson(
    `${at.gateway.api}/training/jobs`,
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

test('a picture reaches the worker with what the job says, and the answer passes unchanged', async () => {
  const job = await createJob();
  const { path, sha256 } = first((await upload(job.id, 'm')).body);
  const response = await fetch(`${at.gateway.api}/test_inference/inference/quick`, {
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
  const [seen] = at.peer.pictures;
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
  at.peer.held.clear();
  const before = at.peer.pushes.length;
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  at.peer.behaviour.holdCheckpoint = () => gate;
  const waiting = Promise.all([1, 2, 3, 4].map(() => quick({ training_job_id: `${job.id}` })));
  await expect.poll(() => at.peer.pictures.length).toBe(4);
  release();
  expect((await waiting).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(at.peer.pushes.length - before).toBe(1);
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
  expect(at.peer.pictures.at(-1)!.fields).toMatchObject({ checkpoint_path: 'pretrained' });
  expect(at.peer.pictures.at(-1)!.fields.checkpoint_sha256).toBeUndefined();
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
    at.peer.behaviour.refuse = refusal;
    const response = await fetch(`${at.gateway.api}/test_inference/inference/quick`, {
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
  expect(at.peer.pictures.at(-1)!.fields.checkpoint_sha256).toBe(digestOf('new'));
  await sendJson(`${at.gateway.api}/training/jobs/${job.id}`, 'PATCH', { model_name: 'renamed' });
  await quick({ training_job_id: `${job.id}` });
  expect(at.peer.pictures.at(-1)!.fields.model_name).toBe('renamed');
});

test('a client that goes away ends the request to the worker at once', async () => {
  const job = await createJob();
  await upload(job.id, 'm');
  at.peer.behaviour.hold = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const controller = new AbortController();
  const running = fetch(`${at.gateway.api}/test_inference/inference/quick`, {
    method: 'POST',
    body: quickForm({ training_job_id: `${job.id}` }),
    signal: controller.signal,
  }).catch((error: unknown) => error);
  await expect.poll(() => at.peer.pictures.length).toBe(1);
  controller.abort();
  await running;
  await expect.poll(() => at.peer.aborted).toBe(1);
  await expect.poll(() => at.gateway.app.lifecycle.inFlight).toBe(0);
  expect(at.gateway.parts.uploads.bytes).toBe(0);
});

test('a worker that does not answer in time is a 504, and its request is ended', async () => {
  const job = await createJob();
  await upload(job.id, 'm');
  at.peer.behaviour.hold = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const answer = await quick({ training_job_id: `${job.id}`, timeout_ms: '50' });
  expect(answer).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED', params: { timeout_ms: 50 } } });
  await expect.poll(() => at.peer.aborted).toBe(1);
});

test('pictures beyond what may be held are refused at once with Retry-After', async () => {
  const job = await createJob();
  await upload(job.id, 'm');
  let release = () => {};
  at.peer.behaviour.hold = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const big = { bytes: new Uint8Array(90_000) };
  const running = quick({ training_job_id: `${job.id}` }, big);
  await expect.poll(() => at.peer.pictures.length).toBe(1);
  const refused = await fetch(`${at.gateway.api}/test_inference/inference/quick`, {
    method: 'POST',
    body: quickForm({ training_job_id: `${job.id}` }, big),
  });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await refused.json()).toMatchObject({ code: 'UPLOADS_FULL', retryable: true });
  release();
  expect((await running).status).toBe(200);
  await expect.poll(() => at.gateway.parts.uploads.bytes).toBe(0);
});

test.each([
  ['a picture that is too large', { training_job_id: '1' }, 100_001, 413, 'FILE_TOO_LARGE'],
  ['a missing job id', {}, 1, 422, 'FIELD_INVALID'],
  ['an unknown field value', { training_job_id: '1', masks: 'neon' }, 1, 422, 'FIELD_INVALID'],
  ['NaN', { training_job_id: '1', confidence_threshold: 'NaN' }, 1, 422, 'FIELD_INVALID'],
  ['a boolean that is none', { training_job_id: '1', overlay: 'yes' }, 1, 422, 'FIELD_INVALID'],
])('%s is refused by the at.gateway itself', async (_, fields, bytes, status, code) => {
  expect(await quick(fields as Record<string, string>, { bytes: new Uint8Array(bytes) })).toMatchObject({
    status,
    body: { code },
  });
  expect(at.peer.pictures).toHaveLength(0);
});

test('ready tells of the database and of each worker, and one dead worker does not matter', async () => {
  const { status, body } = await json(await fetch(`${at.gateway.url}/ready`));
  expect(status).toBe(200);
  expect(body).toMatchObject({ ready: true, database: { reachable: true, migrated: true } });
  const workers = body.workers as { framework: string; ready: boolean; reason: string | null }[];
  expect(workers.find(({ framework }) => framework === 'ultralytics')?.ready).toBe(true);
  expect(workers.find(({ framework }) => framework === 'timm')?.reason).toBe('it cannot be reached');
});

test('the models of all workers are listed, a worker that is away is named', async () => {
  const { body } = await json(await fetch(`${at.gateway.api}/models/list?framework=timm`));
  expect(body.workers).toEqual([expect.objectContaining({ framework: 'timm', reachable: false })]);
});

test('the documents are there: OpenAPI, a page that can send requests, and a paragraph for every error', async () => {
  const document = await json(await fetch(`${at.gateway.url}/openapi.json`));
  expect(document.body.openapi).toBe('3.1.0');
  const page = await fetch(`${at.gateway.url}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'");
  expect(page.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  const html = await page.text();
  for (const [, asset] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect(asset).not.toMatch(/^(https?:)?\/\//);
    expect((await fetch(new URL(asset!, `${at.gateway.url}/docs`))).status).toBe(200);
  }
  const shown = JSON.stringify((await json(await fetch(`${at.gateway.url}/docs/json`))).body);
  // The page shows a field where a file can be chosen.
  expect(shown).toContain(
    '"multipart/form-data":{"schema":{"type":"object","properties":{"file":{"type":"string","format":"binary"',
  );
  const errors = await fetch(`${at.gateway.url}/docs/errors`, { headers: { 'accept-language': 'ko' } });
  expect(errors.headers.get('content-language')).toBe('ko');
  expect(await errors.text()).toMatch(/<section id="job_not_found">.*학습 작업 없음/);
});
