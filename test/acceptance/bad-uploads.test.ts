import type { Problem } from '@lensgate/contracts';
import {
  badUploads,
  closeConnections,
  descriptorsOf,
  formOf,
  nothingLeft,
  rawRequest,
  referencePictures,
  requestBytes,
  type Stack,
  startStack,
  untilIdle,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const demoJob = 20;
const image = referencePictures()[0]!.bytes;
const fields = { training_job_id: demoJob, overlay: false };
const names = badUploads({ url: 'http://localhost', fields, image }).map(({ name }) => name);
let stack: Stack;

/** Connections to clients; those to workers and database are kept on purpose. */
const connectionsTo = (pid: number) => descriptorsOf(pid).filter((path) => path.startsWith('socket:')).length;
let connectionsBefore: number;

beforeAll(async () => {
  stack = await startStack();
  expect((await stack.gateway.quick(demoJob, { image })).status).toBe(200);
  await closeConnections();
  connectionsBefore = connectionsTo(stack.gateway.pid);
});
afterAll(async () => {
  await stack.stop();
  const left = await stack.leftovers();
  await stack.close();
  expect(left).toEqual(nothingLeft);
});

const post = (parts: Parameters<typeof formOf>[0]) => {
  const url = stack.gateway.quickUrl;
  const { body, contentType } = formOf(parts);
  return rawRequest(url, requestBytes('POST', url, { headers: { 'content-type': contentType }, body }));
};
const filePart = { name: 'file', value: image, filename: 'a.png', type: 'image/png' };

describe('a bad upload at the gateway', () => {
  test.each(names)('%s', async (name) => {
    const upload = badUploads({ url: stack.gateway.quickUrl, fields, image }).find((each) => each.name === name)!;
    const { status, headers, text, wasReset } = await upload.send();
    expect({ status, wasReset }).toEqual({ status: upload.status, wasReset: false });
    expect(headers['content-type']).toBe('application/problem+json');
    const problem = JSON.parse(text) as Problem;
    expect(problem).toMatchObject({
      code: upload.code,
      status: upload.status,
      request_id: headers['x-request-id'],
      retryable: false,
    });
    expect(problem.detail).toMatch(upload.words);
  });

  test('an unknown job', async () => {
    const { status, text } = await post([{ name: 'training_job_id', value: '987654' }, filePart]);
    expect([status, JSON.parse(text)]).toEqual([
      404,
      expect.objectContaining({ code: 'JOB_NOT_FOUND', detail: 'There is no training job 987654.' }),
    ]);
  });

  test('no job at all, named as the field that is missing', async () => {
    const { status, text } = await post([filePart]);
    expect([status, JSON.parse(text)]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ field: 'training_job_id' })] }),
    ]);
  });

  test('a checkpoint of another job', async () => {
    const { status, text } = await post([
      { name: 'training_job_id', value: String(demoJob) },
      { name: 'checkpoint_path', value: 'demo_21' },
      filePart,
    ]);
    expect([status, (JSON.parse(text) as Problem).code]).toEqual([404, 'CHECKPOINT_NOT_FOUND']);
  });

  test('a path on the server in place of a handle', async () => {
    const { status, text } = await post([
      { name: 'training_job_id', value: String(demoJob) },
      { name: 'checkpoint_path', value: '/etc/passwd' },
      filePart,
    ]);
    expect([status, (JSON.parse(text) as Problem).code]).toEqual([404, 'CHECKPOINT_NOT_FOUND']);
  });

  test('from a page of another origin', async () => {
    const url = stack.gateway.quickUrl;
    const { body, contentType } = formOf([{ name: 'training_job_id', value: String(demoJob) }, filePart]);
    const headers = { 'content-type': contentType, origin: 'https://evil.example' };
    const { status, text } = await rawRequest(url, requestBytes('POST', url, { headers, body }));
    expect([status, (JSON.parse(text) as Problem).code]).toEqual([403, 'ORIGIN_REFUSED']);
  });

  test('leaves no connection behind, and the next good one is answered', async () => {
    const worker = stack.workers.get('ultralytics')!;
    await untilIdle(worker);
    await closeConnections();
    await waitFor(() => connectionsTo(stack.gateway.pid) <= connectionsBefore, { what: 'the end of all connections' });
    const { status, body } = await stack.gateway.quick(demoJob, { image });
    expect([status, body.model.warm]).toEqual([200, true]);
  });
});
