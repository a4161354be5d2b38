import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { deadlinePhases, fail } from '@lensgate/contracts';
import { createLogger, patience } from '@lensgate/http-kit';
import { freePort, startSocketPeer } from '@lensgate/testing';
import { afterEach, expect, test } from 'vitest';
import type { CheckpointStore } from '../src/store/checkpoint-store.js';
import { unasked } from '../src/workers/checkpoint-push.js';
import { createWorkerClient, type InferenceCall } from '../src/workers/worker-client.js';
import { startWorkerPeer } from './worker-peer.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const kept = <T extends { close(): Promise<unknown> }>(thing: T): T => {
  closers.push(() => thing.close());
  return thing;
};

const content = Buffer.from('a checkpoint');
const sha256 = '79b6e6cb0e46d0e6b0a2a1ea4e0e2ddbf3b0b2d0ad8f5e0f4fdb3e3a7d6a6d05';
const storeWith = (bytes: Buffer | undefined): CheckpointStore => ({
  receive: () => Promise.reject(new Error('not used')),
  read: () => Promise.resolve(bytes && { bytes: bytes.length, stream: Readable.from([bytes]) }),
  release: () => Promise.resolve(true),
  sweep: () => Promise.resolve(),
  settled: () => Promise.resolve([]),
});

function client(urls: string[], { fallback = ['http://127.0.0.1:9'], store = storeWith(content) } = {}) {
  const never = ['http://127.0.0.1:9'];
  return kept(
    createWorkerClient({
      services: { ultralytics: urls, timm: never, huggingface: never, fallback },
      token: undefined,
      answerBytesMax: 1_000_000,
      pushTimeoutMs: 10_000,
      store,
      whyMissing: async ({ jobId }) => fail('JOB_NOT_FOUND', { job_id: jobId }),
      logger: createLogger('test', 'silent'),
      now: () => performance.now(),
    }),
  );
}

const aCall = (changes: Partial<InferenceCall> = {}): InferenceCall => ({
  framework: 'ultralytics',
  fields: { training_job_id: '1', model_name: 'm', task_type: 'object_detection', num_classes: '2' },
  file: {
    name: 'file',
    filename: 'a "b".png',
    mimetype: 'image/png',
    chunks: [Buffer.from('pic'), Buffer.from('ture')],
  },
  checkpoint: null,
  jobId: 1,
  arrivedAtMs: performance.now(),
  deadlineAtMs: performance.now() + 60_000,
  requestId: 'r1',
  language: 'en',
  signal: new AbortController().signal,
  ...changes,
});
const json = (status: number, type: string, body: string) =>
  `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const accepting = async () => {
  const peer = kept(await startWorkerPeer());
  peer.behaviour.garbage = { status: 200, type: 'application/json', body: '{"ok":1}' };
  return peer;
};

test('a replica that refuses connections is passed over', async () => {
  const peer = await accepting();
  const workers = client([`http://127.0.0.1:${await freePort()}`, peer.url]);
  for (let round = 0; round < 3; round += 1) expect((await workers.infer(aCall())).status).toBe(200);
  expect(peer.pictures).toHaveLength(3);
});

test('a replica that drops the connection before its answer is passed over', async () => {
  const dropping = kept(await startSocketPeer((socket) => socket.once('data', () => socket.destroy())));
  const peer = await accepting();
  expect((await client([dropping.url, peer.url]).infer(aCall())).status).toBe(200);
  expect(dropping.connections).toBe(1);
});

test('a single worker that drops a connection is asked once more, and is unreachable when it does it again', async () => {
  let drops = 1;
  const flaky = kept(
    await startSocketPeer((socket) =>
      socket.once('data', () => {
        if (drops-- > 0) socket.destroy();
        else socket.end(json(200, 'application/json', '{"ok":1}'));
      }),
    ),
  );
  const workers = client([flaky.url]);
  expect((await workers.infer(aCall())).status).toBe(200);
  drops = 10;
  await expect(workers.infer(aCall())).rejects.toMatchObject({ code: 'WORKER_UNREACHABLE' });
  expect(drops).toBe(8);
});

test('with no replica reachable the failure is retryable and says so', async () => {
  const workers = client([`http://127.0.0.1:${await freePort()}`]);
  await expect(workers.infer(aCall())).rejects.toMatchObject({
    code: 'WORKER_UNREACHABLE',
    extras: { retryAfterS: 1 },
  });
});

test('a worker that was away serves again as soon as it is back', async () => {
  const port = await freePort();
  const workers = client([`http://127.0.0.1:${port}`]);
  await expect(workers.infer(aCall())).rejects.toMatchObject({ code: 'WORKER_UNREACHABLE' });
  const peer = kept(await startWorkerPeer({ port }));
  peer.behaviour.garbage = { status: 200, type: 'application/json', body: '{"ok":1}' };
  expect((await workers.infer(aCall())).status).toBe(200);
});

test('a replica that is starting is passed over, and its answer passes when all are', async () => {
  const [one, two] = [kept(await startWorkerPeer()), await accepting()];
  one.behaviour.refuse = fail('STARTING', { retry_after_s: 3 }, { retryAfterS: 3 });
  const workers = client([one.url, two.url]);
  for (let round = 0; round < 3; round += 1) expect((await workers.infer(aCall())).status).toBe(200);
  const answer = await client([one.url]).infer(aCall());
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '3']);
});

test('a full queue is an answer, not a reason to ask another replica', async () => {
  const [full, other] = [kept(await startWorkerPeer()), await accepting()];
  full.behaviour.refuse = fail('QUEUE_FULL', { waiting: 1, retry_after_s: 1 }, { retryAfterS: 1 });
  expect((await client([full.url, other.url]).infer(aCall())).status).toBe(429);
});

test('of several replicas the one with the least to do is asked', async () => {
  const [one, two] = [await accepting(), await accepting()];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  one.behaviour.hold = two.behaviour.hold = () => gate;
  const workers = client([one.url, two.url]);
  const running = [1, 2, 3, 4].map(() => workers.infer(aCall()));
  await expect.poll(() => one.pictures.length + two.pictures.length).toBe(4);
  expect([one.pictures.length, two.pictures.length]).toEqual([2, 2]);
  release();
  await Promise.all(running);
});

test.each([
  ['HTML', json(200, 'text/html', '<p>')],
  ['an empty success', json(200, 'application/json', '')],
  ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n'],
  ['an error page of a proxy', json(502, 'text/html', '<p>bad gateway')],
  ['bytes that are not HTTP', 'hello\r\n\r\n'],
  ['half a JSON object', json(200, 'application/json', '{"predicted_boxes":[{"x1":1')],
  ['half of a large JSON object', json(200, 'application/json', `{"overlay_base64":"${'A'.repeat(100_000)}`)],
  ['JSON that is no object', json(200, 'application/json', '"fine"')],
  ['a problem that is cut short', json(500, 'application/problem+json', '{"code":"INFERENCE_')],
  ['headers without end', `HTTP/1.1 200 OK\r\n${`x-more: ${'y'.repeat(90)}\r\n`.repeat(1_000)}`],
  [
    'two lengths',
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}',
  ],
  ['an answer that is too large', json(200, 'application/json', 'x'.repeat(1_000_001))],
])('%s is no answer of a worker', async (_, bytes) => {
  const peer = kept(await startSocketPeer((socket) => socket.once('data', () => socket.end(bytes))));
  await expect(client([peer.url]).infer(aCall())).rejects.toMatchObject({ code: 'WORKER_PROTOCOL' });
});

test('an answer that breaks off in the middle is not passed on', async () => {
  const peer = kept(
    await startSocketPeer((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"a":', () =>
          socket.destroy(),
        ),
      ),
    ),
  );
  await expect(client([peer.url]).infer(aCall())).rejects.toMatchObject({ code: 'WORKER_UNREACHABLE' });
});

test('when the client is gone, or the time is over, the connection to the worker ends at once', async () => {
  const peer = kept(await startWorkerPeer());
  peer.behaviour.hold = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  const workers = client([peer.url]);
  const gone = new AbortController();
  const first = patience({
    clientGone: gone.signal,
    waitMs: 60_000,
    timeoutMs: 60_000,
    phase: deadlinePhases.unanswered,
  });
  const running = workers.infer(aCall({ signal: first.signal })).catch((error: unknown) => error);
  await expect.poll(() => peer.pictures.length).toBe(1);
  gone.abort();
  expect(await running).toMatchObject({ name: 'ClientGone' });
  await expect.poll(() => peer.aborted).toBe(1);
  first.end();
  const second = patience({
    clientGone: new AbortController().signal,
    waitMs: 20,
    timeoutMs: 20,
    phase: deadlinePhases.unanswered,
  });
  await expect(workers.infer(aCall({ signal: second.signal }))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  second.end();
});

const checkpoint = { sha256, taskType: 'object_detection', numClasses: 2, classNames: ['가', 'b'] };

test('a worker that loses what it was just sent is sent it again, but not for ever', async () => {
  const peer = kept(await startWorkerPeer());
  const real = createHash('sha256').update(content).digest('hex');
  const fields = { ...aCall().fields, checkpoint_sha256: real };
  const withReal = aCall({ checkpoint: { ...checkpoint, sha256: real }, fields });
  const workers = client([peer.url]);
  peer.behaviour.loses = 2;
  expect((await workers.infer(withReal)).status).toBe(200);
  expect(peer.pushes).toHaveLength(3);
  peer.held.clear();
  peer.behaviour.loses = 100;
  await expect(workers.infer(withReal)).rejects.toMatchObject({ code: 'WORKER_PROTOCOL' });
  expect(peer.pushes).toHaveLength(6);
});

test('a checkpoint whose bytes are gone is told for its job, and a damaged one by the worker', async () => {
  const peer = kept(await startWorkerPeer());
  const withCheckpoint = { checkpoint, fields: { ...aCall().fields, checkpoint_sha256: sha256 } };
  const without = client([peer.url], { store: storeWith(undefined) });
  await expect(without.infer(aCall(withCheckpoint))).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  const answer = await client([peer.url]).infer(aCall(withCheckpoint));
  expect(answer.status).toBe(422);
  expect(answer.body.toString()).toContain('DIGEST_MISMATCH');
});

test('a refusal of one upload is told to each who waited for it, under his own id and in his language', async () => {
  const peer = kept(await startWorkerPeer());
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  peer.behaviour.holdCheckpoint = () => held;
  const workers = client([peer.url]);
  const fields = { ...aCall().fields, checkpoint_sha256: sha256 };
  const both = [
    workers.infer(aCall({ checkpoint, fields, requestId: 'first', language: 'en' })),
    workers.infer(aCall({ checkpoint, fields, requestId: 'second', language: 'ko' })),
  ];
  await expect.poll(() => peer.pictures.length).toBe(2);
  // The peer answers this after the second request, which by then waits for the upload.
  await workers.ready();
  letGo();
  const [english, korean] = await Promise.all(both);
  expect(peer.pushes).toEqual([sha256]);
  expect(english!.headers['content-language']).toBe('en');
  expect(korean!.headers['content-language']).toBe('ko');
  expect(JSON.parse(english!.body.toString())).toMatchObject({ request_id: 'first', title: 'Digest mismatch' });
  expect(JSON.parse(korean!.body.toString())).toMatchObject({
    request_id: 'second',
    title: '다이제스트 불일치',
    params: { expected: sha256 },
  });
});

test('names too long for a request line stay at home', async () => {
  const peer = kept(await startWorkerPeer());
  const many = { ...checkpoint, classNames: Array.from({ length: 5_000 }, (_, index) => `옷 ${index}`) };
  const answer = await client([peer.url]).inspect('ultralytics', many, { ...unasked('r'), jobId: 1 });
  expect(answer).toMatchObject({ kind: 'problem', answer: { status: 422 } });
  expect(peer.pushes).toEqual([sha256]);
});

test('a job of no framework is sent under the fallback worker’s own name', async () => {
  const peer = kept(await startWorkerPeer({ framework: 'timm' }));
  peer.behaviour.garbage = { status: 200, type: 'application/json', body: '{"ok":1}' };
  const workers = client(['http://127.0.0.1:9'], { fallback: [peer.url] });
  await workers.infer(aCall({ framework: null }));
  await workers.infer(aCall({ framework: 'Paddle' }));
  expect(peer.pictures.map(({ fields }) => fields.framework)).toEqual(['timm', 'Paddle']);
});

test('a file name with quotes arrives as it was', async () => {
  const peer = await accepting();
  await client([peer.url]).infer(aCall());
  expect(peer.pictures[0]?.filename).toBe('a "b".png');
});
