import type { InferenceReply, Problem } from '@lensgate/contracts';
import {
  badUploads,
  call,
  closeConnections,
  descriptorsOf,
  detectModel,
  formOf,
  greyPicture,
  nothingLeft,
  rawRequest,
  requestBytes,
  rootDir,
  type StartedWorker,
  sha256Of,
  startWorker,
  untilIdle,
  waitFor,
  workerFields,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const model = detectModel();
const fields = workerFields({ checkpoint_sha256: sha256Of(model) });
const token = 'a-token-that-no-log-may-show';
const authorization = { authorization: `Bearer ${token}` };
let worker: StartedWorker;
let black: Buffer;
let descriptorsBefore: number;

const uploads = (image: Buffer) => badUploads({ url: worker.quickUrl, fields, image });
const names = badUploads({ url: 'http://localhost', fields, image: Buffer.alloc(0) }).map(({ name }) => name);
const sockets = () => descriptorsOf(worker.pid).filter((path) => path.startsWith('socket:')).length;

beforeAll(async () => {
  black = await greyPicture(0);
  worker = await startWorker();
  expect((await worker.put(model)).status).toBe(200);
  expect((await worker.quick(sha256Of(model), { image: black })).status).toBe(200);
  await waitFor(async () => (await worker.ready()).spares === 1);
  await closeConnections();
  descriptorsBefore = sockets();
});
afterAll(async () => {
  await worker.stop();
  const left = await worker.leftovers();
  await worker.close();
  expect(left).toEqual(nothingLeft);
});

describe('a bad upload at a worker', () => {
  test.each(names)('%s', async (name) => {
    const upload = uploads(black).find((each) => each.name === name)!;
    const { status, headers, text, wasReset } = await upload.send();
    expect({ status, wasReset }).toEqual({ status: upload.status, wasReset: false });
    expect(headers['content-type']).toBe('application/problem+json');
    const problem = JSON.parse(text) as Problem;
    expect(problem).toMatchObject({ code: upload.code, status: upload.status, request_id: headers['x-request-id'] });
    expect(problem.detail).toMatch(upload.words);
  });

  test('a client that dies in the middle of its form', async () => {
    const { body, contentType } = formOf([{ name: 'file', value: black, filename: 'a.png' }]);
    const bytes = requestBytes('POST', worker.quickUrl, { headers: { 'content-type': contentType }, body });
    await rawRequest(worker.quickUrl, bytes.subarray(0, bytes.length - 20), { halfClose: true });
    expect((await worker.quick(sha256Of(model), { image: black })).status).toBe(200);
  });

  test('a framework that is not served here', async () => {
    const { status, body } = await worker.quick<Problem>(sha256Of(model), {
      image: black,
      fields: { framework: 'timm' },
    });
    expect([status, body.code, body.detail]).toEqual([
      422,
      'FRAMEWORK_NOT_SERVED',
      'This worker serves ultralytics, not "timm".',
    ]);
  });

  test('leaves no connection, and the child serves on', async () => {
    await untilIdle(worker);
    await closeConnections();
    await waitFor(() => sockets() <= descriptorsBefore, { what: 'the end of all connections' });
    const { status, body } = await worker.quick(sha256Of(model), { image: black });
    expect([status, body.model.warm]).toEqual([200, true]);
  });

  test('shows nothing secret in the log: no path, no picture', () => {
    const lines = worker.logs.map((line) => JSON.stringify(line));
    const base64 = black.toString('base64').slice(0, 40);
    for (const forbidden of [rootDir, worker.folder, 'file://', base64, 'node_modules', 'picture.png']) {
      expect(lines.filter((line) => line.includes(forbidden))).toEqual([]);
    }
    expect(worker.otherOutput).toEqual([]);
  });
});

describe('a picture that is the body', () => {
  const picture = () => ({ method: 'POST', headers: { 'content-type': 'image/png' }, body: black }) as const;
  const search = (more: Record<string, string> = {}) =>
    new URLSearchParams(Object.entries({ ...fields, ...more }).map(([name, value]) => [name, String(value)]));

  test('is answered as in a form, with the name and the handle that the query gives', async () => {
    const handle = 'upload_1';
    const raw = await call<InferenceReply>(
      `${worker.quickUrl}?${search({ filename: '옷 1.png', image_path: handle })}`,
      picture(),
    );
    const form = await worker.quick(sha256Of(model), { image: black, filename: '옷 1.png' });
    expect(raw.body).toMatchObject({ image_name: '옷 1.png', image_path: handle });
    const found = ({ body }: typeof raw) => body.task_type === 'object_detection' && body.predicted_boxes;
    expect(found(raw)).toEqual(found(form));
    expect(form.body).not.toHaveProperty('image_path');
  });

  test('needs the same fields', async () => {
    const { status, body } = await call<Problem>(worker.quickUrl, picture());
    expect([status, body.code]).toEqual([422, 'FIELD_INVALID']);
    expect(body.errors?.map(({ field }) => field)).toContain('training_job_id');
  });
});

describe('a worker with a token', () => {
  test('takes requests only from those who send it, tells its health to all, and never logs it', async () => {
    const guarded = await startWorker({ env: { WORKER_TOKEN: token } });
    onTestFinished(guarded.close);
    const get = async (path: string, headers = {}) => {
      const url = `${guarded.url}${path}`;
      return (await rawRequest(url, requestBytes('GET', url, { headers }))).status;
    };
    expect(await get('/models/list')).toBe(401);
    expect(await get('/models/list', { authorization: 'Bearer other' })).toBe(401);
    expect(await get('/models/list', authorization)).toBe(200);
    expect(await get('/health')).toBe(200);
    await guarded.stop();
    expect(JSON.stringify(guarded.logs)).not.toContain(token);
  });
});
