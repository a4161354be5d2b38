import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '@lensgate/contracts';
import {
  aJob,
  call,
  closeConnections,
  detectModel,
  type FormPart,
  formOf,
  headOf,
  nothingLeft,
  openSocket,
  type ProblemAnswer,
  type RawSocket,
  referencePictures,
  type Stack,
  type StartedWorker,
  startStack,
  waitFor,
  workerFields,
  type ZipEntry,
  zipOf,
} from '@lensgate/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MiB = 2 ** 20;
const demoJob = 20;
const image = referencePictures()[0]!.bytes;
const checkpointBytesMax = 4 * MiB;
let stack: Stack;
let worker: StartedWorker;
let api: string;
let quickUrl: string;
const deep = '['.repeat(100_000);

beforeAll(async () => {
  stack = await startStack({
    gatewayEnv: {
      CHECKPOINT_BYTES_MAX: String(checkpointBytesMax),
      UPLOADS_IN_FLIGHT_BYTES_MAX: String(80 * MiB),
      UPLOAD_TIMEOUT_MS: '3000',
      JSON_TIMEOUT_MS: '1000',
      ANSWER_STALL_MS: '1000',
    },
    workerEnv: { UPLOADS_IN_FLIGHT_BYTES_MAX: String(80 * MiB) },
  });
  worker = stack.workers.get('ultralytics')!;
  api = `${stack.gateway.url}/api/v1`;
  ({ quickUrl } = stack.gateway);
  expect((await stack.gateway.quick(demoJob, { image })).status).toBe(200);
});
afterAll(async () => {
  await stack.stop();
  const left = await stack.leftovers();
  await stack.close();
  await closeConnections();
  expect(left).toEqual(nothingLeft);
});

const file: FormPart = { name: 'file', value: image, filename: 'a.png' };
const job: FormPart = { name: 'training_job_id', value: String(demoJob) };
const text = (name: string, value: string): FormPart => ({ name, value });
const sendForm = async (url: string, parts: readonly FormPart[]): Promise<ProblemAnswer> => {
  const { body, contentType } = formOf(parts);
  return call<Problem>(url, { method: 'POST', body, headers: { 'content-type': contentType } });
};
const sendText = (url: string, body: string, method: 'POST' | 'PUT' = 'POST'): Promise<ProblemAnswer> =>
  call<Problem>(url, { method, body: Buffer.from(body), headers: { 'content-type': 'application/json' } });
const verdict = ({ status, body }: ProblemAnswer) => [status, body.code];

describe('fields of a quick request', () => {
  const numbers = ['NaN', 'Infinity', '-Infinity', '1e999', '0x10', '１', '1,5', '1_000', '--1', ''];
  test.each(numbers)('do not take %j for a number', async (value) => {
    for (const name of ['confidence_threshold', 'iou_threshold', 'max_detections', 'top_k']) {
      const answer = await sendForm(quickUrl, [job, text(name, value), file]);
      expect(verdict(answer)).toEqual([422, 'FIELD_INVALID']);
      expect(answer.body.errors?.map(({ field }) => field)).toEqual([name]);
    }
  });

  test.each(['NaN', 'Infinity', '{"training_job_id":20,"image_path":"a","top_k":NaN}'])(
    'are no JSON in %s',
    async (body) => {
      expect(verdict(await sendText(quickUrl, body))).toEqual([400, 'BODY_MALFORMED']);
    },
  );

  test('do not take a JSON number beyond all numbers', async () => {
    const body = '{"training_job_id":20,"image_path":"a","confidence_threshold":1e999}';
    expect(verdict(await sendText(quickUrl, body))).toEqual([422, 'FIELD_INVALID']);
  });

  test('may come once, in a form and in the query', async () => {
    expect(verdict(await sendForm(quickUrl, [job, job, file]))).toEqual([422, 'FIELD_INVALID']);
    expect(verdict(await sendForm(`${quickUrl}?top_k=1&top_k=2`, [job, file]))).toEqual([422, 'FIELD_INVALID']);
  });

  test('are bounded in number and in size', async () => {
    const many = Array.from({ length: 100 }, (_, at) => text(`field-${at}`, 'x'));
    expect(verdict(await sendForm(quickUrl, [job, ...many, file]))).toEqual([422, 'FIELD_INVALID']);
    const long = await sendForm(quickUrl, [job, text('checkpoint_path', 'x'.repeat(1.2 * MiB)), file]);
    expect(verdict(long)).toEqual([422, 'FIELD_INVALID']);
    const parts = [job, ...Array.from({ length: 40 }, (_, at) => text(`f-${at}`, 'x'.repeat(MiB)))];
    expect((await sendForm(quickUrl, [...parts, file])).status).toBe(413);
  });

  test('named like the insides of an object change nothing', async () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
    const answer = await sendForm(quickUrl, [job, ...names.map((name) => text(name, '{"overlay":false}')), file]);
    expect(answer.status).toBe(200);
    const inJson = `{"__proto__":{"image_path":"a"},"training_job_id":${demoJob}}`;
    expect(verdict(await sendText(quickUrl, inJson))).toEqual([400, 'FILE_MISSING']);
  });
});

describe('JSON that is nested without end', () => {
  test.each([
    ['as a quick request', () => sendText(quickUrl, deep)],
    ['as a job', () => sendText(`${api}/training/jobs`, `{"name":${deep}`)],
    ['as a change', () => sendText(`${api}/training/jobs/20`, `{"name":${deep}`, 'PUT')],
  ])('is refused %s', async (_, send) => {
    const answer = await send();
    expect(verdict(answer)).toEqual([400, 'BODY_MALFORMED']);
    expect(answer.body.detail).toContain('nested deeper than 64 levels');
  });

  test('is refused as a field of a checkpoint', async () => {
    const url = `${api}/training/jobs/${demoJob}/checkpoints`;
    for (const name of ['metadata', 'config']) {
      const model = { name: 'file', value: detectModel(), filename: 'a.onnx' };
      const answer = await sendForm(url, [text(name, `{"a":${deep}`), model]);
      expect(verdict(answer)).toEqual([422, 'FIELD_INVALID']);
      expect(answer.body.detail).toContain('nested deeper than 64 levels');
    }
  });
});

describe('a client that is slow', () => {
  const slow = (url: string, type: string, start: string) =>
    openSocket(
      url,
      headOf(
        `POST ${new URL(url).pathname} HTTP/1.1`,
        'host: localhost',
        `content-type: ${type}`,
        'content-length: 999',
      ) + start,
    );

  test.each([
    ['with a form', () => slow(quickUrl, 'multipart/form-data; boundary=x', '--x\r\n')],
    ['with a picture', () => slow(`${quickUrl}?training_job_id=20`, 'image/png', '\x89PNG')],
    [
      'with an upload',
      () => slow(`${quickUrl.replace('quick', 'upload-image')}`, 'multipart/form-data; boundary=x', '--x\r\n'),
    ],
    ['with JSON', () => slow(`${api}/training/jobs`, 'application/json', '{')],
  ])('%s is answered 408', async (_, open) => {
    const client = open();
    await waitFor(() => client.received().includes('"code":"REQUEST_TIMEOUT"'), { what: 'the answer' });
    expect(client.received()).toContain('HTTP/1.1 408 ');
    client.socket.destroy();
  });

  test('in reading a large answer is cut off, and the next is served', async () => {
    const noise = await sharp({
      create: {
        width: 3_000,
        height: 2_500,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .jpeg({ quality: 60 })
      .toBuffer();
    const { body, contentType } = formOf([job, { ...file, value: noise }]);
    const head = headOf(
      `POST ${new URL(quickUrl).pathname} HTTP/1.1`,
      'host: localhost',
      `content-type: ${contentType}`,
      `content-length: ${body.length}`,
    );
    const client = openSocket(quickUrl, Buffer.concat([Buffer.from(head), body]));
    await waitFor(() => client.received().includes('HTTP/1.1 200 '), { what: 'the first bytes' });
    client.socket.pause();
    const length = Number(/content-length: (\d+)/i.exec(client.received())?.[1]);
    expect(length).toBeGreaterThan(16 * MiB);
    await stack.gateway.logged((line) => line.msg === 'a client does not take its answer');
    client.socket.resume();
    await client.closed;
    expect(client.received().length).toBeLessThan(length);
    expect((await stack.gateway.quick(demoJob, { image })).status).toBe(200);
  });
});

describe('bytes in flight', () => {
  test.each([
    ['the gateway', () => quickUrl, () => stack.gateway.quick<Problem>(demoJob, { image: Buffer.alloc(20 * MiB) })],
    [
      'a worker',
      () => worker.quickUrl,
      () =>
        sendForm(worker.quickUrl, [
          ...Object.entries(workerFields()).map(([name, value]) => text(name, String(value))),
          { ...file, value: Buffer.alloc(20 * MiB) },
        ]),
    ],
  ])('of all requests together are bounded at %s', async (_, url, send) => {
    const holders: RawSocket[] = [];
    for (let holder = 0; holder < 2; holder++) {
      const head = headOf(
        `POST ${new URL(url()).pathname} HTTP/1.1`,
        'host: localhost',
        'content-type: image/png',
        `content-length: ${31 * MiB}`,
      );
      holders.push(openSocket(url(), `${head}\x89PNG`));
    }
    const metrics = `${new URL(url()).origin}/metrics`;
    await waitFor(async () => /^http_requests_in_flight\{.*\} 2$/m.test((await call<string>(metrics)).body), {
      what: 'both requests to be read',
    });
    const full = await send();
    expect(verdict(full)).toEqual([429, 'UPLOADS_FULL']);
    expect(Number(full.headers['retry-after'])).toBeGreaterThan(0);
    for (const { socket } of holders) socket.destroy();
    await waitFor(async () => (await send()).status !== 429, { what: 'room again' });
  });
});

describe('names that would be paths', () => {
  const passwords = [
    '../../../../etc/passwd',
    '..\\..\\etc\\passwd',
    '/etc/passwd',
    'file:///etc/passwd',
    'upload_../../x',
    '%2e%2e%2f',
  ];
  test.each(passwords)('%s is no handle, session or checkpoint', async (name) => {
    const asHandle = await sendText(quickUrl, JSON.stringify({ training_job_id: demoJob, image_path: name }));
    expect(verdict(asHandle)).toEqual([404, 'HANDLE_NOT_FOUND']);
    const asSession = await sendForm(quickUrl.replace('quick', 'upload-image'), [file, text('session_id', name)]);
    expect(verdict(asSession)).toEqual([422, 'FIELD_INVALID']);
    const deleted = await call<Problem>(`${api}/test_inference/inference/session/${encodeURIComponent(name)}`, {
      method: 'DELETE',
    });
    expect(verdict(deleted)).toEqual([422, 'FIELD_INVALID']);
    const asCheckpoint = await sendForm(quickUrl, [job, text('checkpoint_path', name), file]);
    expect(verdict(asCheckpoint)).toEqual([404, 'CHECKPOINT_NOT_FOUND']);
    const put = await call<Problem>(`${worker.url}/checkpoints/${encodeURIComponent(name)}`, {
      method: 'PUT',
      body: detectModel(),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(verdict(put)).toEqual([422, 'FIELD_INVALID']);
    const model = await call<Problem>(`${worker.url}/models/${encodeURIComponent(name)}`);
    expect(model.status).toBe(404);
  });

  test('no URL of a client is fetched', async () => {
    for (const url of [`${stack.gateway.url}/health`, 'http://169.254.169.254/latest/meta-data/']) {
      const answer = await sendText(quickUrl, JSON.stringify({ training_job_id: demoJob, image_path: url }));
      expect(verdict(answer)).toEqual([404, 'HANDLE_NOT_FOUND']);
    }
  });

  test('are the names of files without their folders, and nothing is written under them', async () => {
    const before = await readdir(stack.gateway.folder, { recursive: true });
    const answer = await sendForm(quickUrl, [job, { ...file, filename: '../../../../tmp/evil\u0001.png' }]);
    expect([answer.status, (answer.body as unknown as { image_name: string }).image_name]).toEqual([200, 'evil.png']);
    expect(await readdir(stack.gateway.folder, { recursive: true })).toEqual(before);
  });
});

describe('a zip', () => {
  const model = detectModel();
  let jobId: number;
  beforeAll(async () => {
    jobId = (await stack.gateway.createJob(aJob())).body.id;
  });
  const send = (entries: readonly ZipEntry[] | Buffer) =>
    stack.gateway.upload<Problem>(jobId, Buffer.isBuffer(entries) ? entries : zipOf(entries), { filename: 'a.zip' });
  const strays = async () =>
    (await readdir(stack.gateway.folder, { recursive: true })).filter((name) => /evil|\.part$/.test(name));

  test('whose model says that it is too large is refused before it is unpacked', async () => {
    const bomb = await send([{ name: 'model.onnx', bytes: Buffer.alloc(checkpointBytesMax + 1), isDeflated: true }]);
    expect(verdict(bomb)).toEqual([413, 'FILE_TOO_LARGE']);
    expect(await strays()).toEqual([]);
  });

  test('whose model is larger than it says is refused while it is unpacked', async () => {
    const liar = { name: 'model.onnx', bytes: Buffer.alloc(64 * MiB), isDeflated: true, declaredBytes: 1_000 };
    expect(verdict(await send([liar]))).toEqual([422, 'FIELD_INVALID']);
    expect(await strays()).toEqual([]);
  });

  test('whose configuration is a bomb is refused', async () => {
    const config = { name: 'config.json', bytes: Buffer.alloc(64 * MiB, 0x20), isDeflated: true };
    expect(verdict(await send([{ name: 'model.onnx', bytes: model }, config]))).toEqual([422, 'FIELD_INVALID']);
    const lying = { ...config, declaredBytes: 100 };
    expect(verdict(await send([{ name: 'model.onnx', bytes: model }, lying]))).toEqual([422, 'FIELD_INVALID']);
  });

  test('of too many entries is refused', async () => {
    const entries = Array.from({ length: 10_001 }, (_, at) => ({ name: `${at}.txt`, bytes: Buffer.alloc(0) }));
    expect(verdict(await send([...entries, { name: 'model.onnx', bytes: model }]))).toEqual([422, 'FIELD_INVALID']);
  });

  test('whose names leave the folder is unpacked nowhere else, or refused', async () => {
    for (const name of ['../../../evil.onnx', '/evil.onnx', 'C:\\evil.onnx', 'a/../../evil.onnx']) {
      const { status } = await send([{ name, bytes: model }]);
      expect([200, 201, 422]).toContain(status);
      expect(await strays()).toEqual([]);
      await expect(
        readdir(join(stack.gateway.folder, '..')).then((names) => names.filter((each) => /evil/.test(each))),
      ).resolves.toEqual([]);
    }
  });
});
