import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainingJob, UploadedImage } from '@lensgate/contracts';
import type { TestDatabase } from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { json, openDatabase, quickForm, sendJson, startGateway, type TestGateway } from './start-gateway.js';
import { startWorkerPeer, type WorkerPeer } from './worker-peer.js';

let database: TestDatabase;
let gateway: TestGateway;
let peer: WorkerPeer;
let jobId: number;
let inference: string;
beforeAll(async () => {
  database = await openDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  peer = await startWorkerPeer();
  peer.behaviour.garbage = { status: 200, type: 'application/json', body: '{"ok":1}' };
  gateway = await startGateway(database.databaseUrl, {
    ULTRALYTICS_SERVICE_URL: peer.url,
    UPLOAD_BYTES_MAX: '100000',
    UPLOADS_BYTES_MAX: '200000',
    UPLOADS_PER_SESSION_MAX: '3',
  });
  await gateway.parts.database
    .$executeRaw`TRUNCATE training_jobs, checkpoints, upload_sessions, uploads RESTART IDENTITY`;
  inference = `${gateway.api}/test_inference/inference`;
  const job = {
    name: 'a',
    framework: 'ultralytics',
    model_name: 'm',
    task_type: 'object_detection',
    num_classes: 2,
  };
  jobId = TrainingJob.parse((await sendJson(`${gateway.api}/training/jobs`, 'POST', job)).body).id;
});
afterEach(async () => {
  await gateway.stop();
  await peer.close();
});

const uploadImage = async (fields: Record<string, string> = {}, file: Parameters<typeof quickForm>[1] = {}) =>
  json(await fetch(`${inference}/upload-image`, { method: 'POST', body: quickForm(fields, file) }));
const uploaded = async (fields?: Record<string, string>) =>
  UploadedImage.parse((await uploadImage(fields, { name: '옷.png' })).body);
const post = async (search: Record<string, string>, init: RequestInit = {}) =>
  json(await fetch(`${inference}/quick?${new URLSearchParams(search)}`, { method: 'POST', ...init }));
const quickJson = (body: unknown) => sendJson(`${inference}/quick`, 'POST', body);
const deleteSession = async (id: string) => json(await fetch(`${inference}/session/${id}`, { method: 'DELETE' }));
const filesKept = () => readdir(join(gateway.dataDir, 'uploads'));

/** Every option, as text; the same as JSON values below. */
const options = {
  confidence_threshold: '0.5',
  iou_threshold: '0.6',
  max_detections: '7',
  top_k: '3',
  classes: '0,1',
  agnostic_nms: 'true',
  retina_masks: '0',
  masks: 'rle',
  overlay: 'false',
  image_format: 'webp',
  tile: '128',
  candidates: '1',
  debug: 'true',
  timeout_ms: '60000',
};
const parsedOptions = {
  confidence_threshold: 0.5,
  iou_threshold: 0.6,
  max_detections: 7,
  top_k: 3,
  classes: [0, 1],
  agnostic_nms: true,
  retina_masks: false,
  masks: 'rle',
  overlay: false,
  image_format: 'webp',
  tile: 128,
  candidates: true,
  debug: true,
  timeout_ms: 60_000,
};
/** What today's front ends send besides. */
const unknown = { framework: 'timm', more: 'x' };

describe('every form carries every option', () => {
  const picture = Buffer.from('picture');
  const forms: Record<string, (fields: Record<string, string>) => Promise<{ status: number }>> = {
    'a form with a file': async (fields) =>
      json(await fetch(`${inference}/quick`, { method: 'POST', body: quickForm(fields, { name: '옷.png' }) })),
    'a form with a handle': async (fields) => {
      const body = new FormData();
      const all = { ...fields, image_path: (await uploaded()).server_path };
      for (const [name, value] of Object.entries(all)) body.append(name, value);
      return post({}, { body });
    },
    'JSON with a handle': async (fields) => quickJson({ ...fields, image_path: (await uploaded()).server_path }),
    'JSON with values': async () =>
      quickJson({
        ...unknown,
        ...parsedOptions,
        training_job_id: jobId,
        checkpoint_path: null,
        image_path: (await uploaded()).server_path,
      }),
    'a query with a handle': async (fields) => post({ ...fields, image_path: (await uploaded()).server_path }),
    'a raw picture': (fields) =>
      post({ ...fields, filename: '옷.png' }, { body: picture, headers: { 'content-type': 'image/png' } }),
    'raw bytes': (fields) =>
      post(
        { ...fields, filename: '옷.png' },
        { body: picture, headers: { 'content-type': 'application/octet-stream' } },
      ),
  };

  test.each(Object.entries(forms))('%s', async (name, send) => {
    expect((await send({ training_job_id: String(jobId), ...unknown, ...options })).status).toBe(200);
    const [seen] = peer.pictures;
    expect(seen).toMatchObject({
      filename: '옷.png',
      bytes: 7,
      fields: { framework: 'ultralytics', ...parsedOptions },
    });
    const { image_path: imagePath } = seen!.fields;
    if (name.includes('handle') || name.includes('values')) expect(imagePath).toMatch(/^upload_[0-9a-f]{32}$/);
    else expect(imagePath).toBeUndefined();
  });
});

test('neither a file nor a handle is a missing file, and both are one too many', async () => {
  const training_job_id = String(jobId);
  const missing = { status: 400, body: { code: 'FILE_MISSING' } };
  expect(await post({ training_job_id })).toMatchObject(missing);
  expect(await quickJson({ training_job_id, image_path: '' })).toMatchObject(missing);
  expect(
    await post({ training_job_id }, { body: new Uint8Array(), headers: { 'content-type': 'image/png' } }),
  ).toMatchObject(missing);
  const both = { training_job_id, image_path: (await uploaded()).server_path };
  const twice = { status: 422, body: { code: 'FIELD_INVALID', errors: [{ field: 'image_path' }] } };
  expect(await post({}, { body: quickForm(both) })).toMatchObject(twice);
  expect(await post(both, { body: 'x', headers: { 'content-type': 'image/png' } })).toMatchObject(twice);
});

test('a field in the body counts before the same in the query', async () => {
  await post({ top_k: '9', masks: 'rle' }, { body: quickForm({ training_job_id: String(jobId), top_k: '4' }) });
  expect(peer.pictures[0]?.fields).toMatchObject({ top_k: 4, masks: 'rle' });
});

test('an uploaded picture goes to the session that the query names', async () => {
  const { session_id } = await uploaded();
  const response = await fetch(`${inference}/upload-image?session_id=${session_id}`, {
    method: 'POST',
    body: quickForm({}),
  });
  expect((await json(response)).body).toMatchObject({ session_id });
});

test('bodies of other kinds are refused with words', async () => {
  const training_job_id = String(jobId);
  const text = await post({ training_job_id }, { body: 'x', headers: { 'content-type': 'text/plain' } });
  expect(text).toMatchObject({ status: 415, body: { code: 'MEDIA_TYPE_UNSUPPORTED' } });
  expect(await quickJson([1])).toMatchObject({ status: 422, body: { code: 'FIELD_INVALID' } });
  const broken = await post({}, { body: '{', headers: { 'content-type': 'application/json' } });
  expect(broken).toMatchObject({ status: 400, body: { code: 'BODY_MALFORMED' } });
  const large = await post(
    { training_job_id },
    { body: Buffer.alloc(100_001), headers: { 'content-type': 'image/png' } },
  );
  expect(large).toMatchObject({ status: 413, body: { code: 'FILE_TOO_LARGE' } });
  const repeated = await fetch(`${inference}/quick?training_job_id=1&training_job_id=2&image_path=x`, {
    method: 'POST',
  });
  expect(repeated.status).toBe(422);
});

describe('uploaded pictures', () => {
  test('are useless without their handle or with the session of another', async () => {
    const one = await uploaded({ session_id: 'mine-1' });
    const other = await uploaded();
    expect(one).toMatchObject({ filename: '옷.png', session_id: 'mine-1' });
    expect(other.session_id).toMatch(/^session_[0-9a-f]{32}$/);
    const ask = (fields: Record<string, string>) => quickJson({ training_job_id: jobId, ...fields });
    const unknownHandle = { status: 404, body: { code: 'HANDLE_NOT_FOUND' } };
    expect((await ask({ image_path: one.server_path })).status).toBe(200);
    expect((await ask({ image_path: one.server_path, session_id: 'mine-1' })).status).toBe(200);
    expect(await ask({ image_path: one.server_path, session_id: other.session_id })).toMatchObject(unknownHandle);
    for (const image_path of ['../../etc/passwd', `upload_${'0'.repeat(32)}`, one.server_path.toUpperCase()])
      expect(await ask({ image_path })).toMatchObject(unknownHandle);
  });

  test('go with their session, bytes and all', async () => {
    const { server_path: image_path } = await uploaded({ session_id: 's' });
    await uploaded({ session_id: 's' });
    const kept = await uploaded();
    expect(await deleteSession('s')).toEqual({ status: 200, body: { status: 'cleaned', session_id: 's' } });
    expect(await deleteSession('s')).toEqual({ status: 200, body: { status: 'not_found', session_id: 's' } });
    expect(await filesKept()).toEqual([kept.server_path]);
    expect((await quickJson({ training_job_id: jobId, image_path })).status).toBe(404);
  });

  test('are told apart when their time is over', async () => {
    const { server_path: image_path } = await uploaded();
    await gateway.parts.database.upload.updateMany({ data: { expiresAt: new Date(0) } });
    expect(await quickJson({ training_job_id: jobId, image_path })).toMatchObject({
      status: 410,
      body: { code: 'HANDLE_EXPIRED' },
    });
  });

  test('are bounded in size, in number per session and all together, and a refused one leaves nothing', async () => {
    expect(await uploadImage({}, { bytes: new Uint8Array(100_001) })).toMatchObject({
      status: 413,
      body: { code: 'FILE_TOO_LARGE' },
    });
    expect(await uploadImage({}, { bytes: new Uint8Array() })).toMatchObject({ body: { code: 'FILE_MISSING' } });
    expect(await uploadImage({ session_id: '../x' })).toMatchObject({ status: 422, body: { code: 'FIELD_INVALID' } });
    expect(await filesKept()).toEqual([]);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => uploadImage({ session_id: 's' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429]);
    expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({ code: 'SESSION_FULL' });
    expect(await filesKept()).toHaveLength(3);
    expect((await uploadImage({}, { bytes: new Uint8Array(99_000) })).status).toBe(200);
    expect(await uploadImage({}, { bytes: new Uint8Array(99_000) })).toMatchObject({
      status: 507,
      body: { code: 'STORE_FULL' },
    });
    expect(await filesKept()).toHaveLength(4);
    await deleteSession('s');
    expect((await uploadImage({}, { bytes: new Uint8Array(80_000) })).status).toBe(200);
  });

  test('are asked for at a gateway that has not got the file: not found, and the row stays for the one that has', async () => {
    const { server_path: image_path } = await uploaded();
    const other = await startGateway(database.databaseUrl, { ULTRALYTICS_SERVICE_URL: peer.url });
    try {
      const quick = `${other.api}/test_inference/inference/quick`;
      expect((await sendJson(quick, 'POST', { training_job_id: jobId, image_path })).status).toBe(404);
    } finally {
      await other.stop();
    }
    expect((await quickJson({ training_job_id: jobId, image_path })).status).toBe(200);
  });
});
