import type { Problem } from '@lensgate/contracts';
import {
  badUploads,
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
