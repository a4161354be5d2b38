import type { InferenceReply, Problem } from '@lensgate/contracts';
import {
  call,
  closeConnections,
  detectModel,
  type Fields,
  formOf,
  greyPicture,
  nothingLeft,
  type Stack,
  type StartedWorker,
  sha256Of,
  startStack,
  untilIdle,
  untilLogged,
  workerFields,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

type Result = InferenceReply | (Problem & { index: number });

// A white picture takes a good second, so that what is left of a batch can be told from what was done.
const model = detectModel({ brightSteps: 100_000 });
const tiny = { QUEUE_MAX: '3', WORKER_CPUS: '2' };
let stack: Stack;
let worker: StartedWorker;
let jobId: number;
let black: Buffer;
let white: Buffer;

beforeAll(async () => {
  [black, white] = await Promise.all([greyPicture(0), greyPicture(255)]);
  stack = await startStack({ workerEnv: tiny });
  worker = stack.workers.get('ultralytics')!;
  jobId = (await stack.gateway.createJob()).body.id;
  expect((await stack.gateway.upload(jobId, model)).status).toBe(201);
});
afterAll(async () => {
  for (const service of [stack.gateway, worker]) await service.stop();
  const left = await stack.leftovers();
  await stack.close();
  await closeConnections();
  expect(left).toEqual(nothingLeft);
});

const formFor = (pictures: readonly Buffer[], fields: Fields) =>
  formOf([
    ...Object.entries(fields).map(([name, value]) => ({ name, value: String(value) })),
    ...pictures.map((value, index) => ({ name: 'files', value, filename: `${index}.png`, type: 'image/png' })),
  ]);

/** Both doors; a worker is told of the checkpoint by its digest. */
const doors = {
  gateway: () => ({
    url: `${stack.gateway.url}/api/v1/test_inference/inference/batch`,
    fields: { training_job_id: jobId } as Fields,
  }),
  worker: () => ({
    url: `${worker.url}/inference/batch`,
    fields: workerFields({ checkpoint_sha256: sha256Of(model) }),
  }),
};

describe.each(['gateway', 'worker'] as const)('a batch at the %s', (door) => {
  const post = <T>(pictures: readonly Buffer[], more: Fields = {}) => {
    const { url, fields } = doors[door]();
    const { body, contentType } = formFor(pictures, { ...fields, ...more });
    return call<T>(url, { method: 'POST', body, headers: { 'content-type': contentType } });
  };
  const postForLines = async (pictures: readonly Buffer[], signal?: AbortSignal) => {
    const { url, fields } = doors[door]();
    const { body, contentType } = formFor(pictures, fields);
    const headers = { 'content-type': contentType, accept: 'application/x-ndjson' };
    return fetch(url, { method: 'POST', body: new Uint8Array(body), headers, ...(signal ? { signal } : {}) });
  };
  const inferencesLogged = async () => {
    await untilLogged(worker);
    return worker.logs.filter(({ route }) => route === '/inference/quick').length;
  };

  test('of 64 with 3 that are no pictures is answered in order, though the queue has room for 3', async () => {
    const pictures = Array.from({ length: 64 }, () => black);
    const bad = new Map([
      [5, { bytes: Buffer.from('no picture'), code: 'IMAGE_UNSUPPORTED' }],
      [
        31,
        { bytes: Buffer.alloc(0), code: 'FILE_MISSING', errors: [{ field: 'files', message: 'the file is empty' }] },
      ],
      [63, { bytes: black.subarray(0, black.length - 30), code: 'IMAGE_DAMAGED' }],
    ]);
    for (const [index, { bytes }] of bad) pictures[index] = bytes;
    const { status, body } = await post<{ results: Result[] }>(pictures);
    expect([status, body.results.length]).toEqual([200, 64]);
    for (const [index, result] of body.results.entries()) {
      const { bytes, ...expected } = bad.get(index) ?? {};
      if (bytes) expect(result).toMatchObject({ index, ...expected, request_id: expect.any(String) });
      else expect(result).toMatchObject({ image_name: `${index}.png`, num_detections: 1 });
    }
    expect(JSON.stringify(body)).not.toContain('overlay_base64');
  });

  test('of 65 pictures, of none, and with wrong fields is refused as a whole', async () => {
    const many = await post<Problem>(Array.from({ length: 65 }, () => black));
    expect([many.status, many.body.code]).toEqual([422, 'FIELD_INVALID']);
    expect((await post<Problem>([])).body.code).toBe('FILE_MISSING');
    expect((await post<Problem>([black], { iou_threshold: 7 })).body.code).toBe('FIELD_INVALID');
  });

  test('has one deadline for all', async () => {
    const pictures = [black, ...Array.from({ length: 9 }, () => white)];
    const { body } = await post<{ results: Result[] }>(pictures, { timeout_ms: 2_000 });
    const codes = body.results.map((result) => ('code' in result ? result.code : 'done'));
    expect(codes[0]).toBe('done');
    expect(codes.at(-1)).toMatch(/^DEADLINE_/);
    await untilIdle(worker);
  });

  test('is answered line by line, each with its index, and the first before the last is done', async () => {
    const response = await postForLines([black, white, white]);
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    const linesAtArrival: number[] = [];
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      linesAtArrival.push(text.split('\n').length - 1);
    }
    expect(linesAtArrival[0]).toBeLessThan(3);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { index: number });
    expect(lines[0]).toMatchObject({ index: 0, num_detections: 1 });
    expect(lines.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
  });

  test('stops when the client leaves after the first line', async () => {
    const before = await inferencesLogged();
    const leaving = new AbortController();
    const response = await postForLines([black, ...Array.from({ length: 40 }, () => white)], leaving.signal);
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(JSON.parse(Buffer.from(value!).toString().split('\n')[0]!)).toMatchObject({ index: 0 });
    leaving.abort();
    await untilIdle(worker);
    const ready = await worker.ready();
    expect([ready.queued, ready.in_flight]).toEqual([0, 0]);
    const service = door === 'gateway' ? stack.gateway : worker;
    await service.logged(({ route, status }) => String(route).endsWith('/inference/batch') && status === 499);
    if (door === 'gateway') expect((await inferencesLogged()) - before).toBeLessThan(41);
    expect((await post<{ results: Result[] }>([black])).body.results).toMatchObject([{ num_detections: 1 }]);
  });
});
