import { readFile, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Problem } from '@lensgate/contracts';
import {
  aJob,
  closeConnections,
  detectModel,
  greyPicture,
  isAlive,
  referencePictures,
  type StartedGateway,
  sha256Of,
  startGateway,
  startSocketPeer,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { counted, report } from './report.js';
import { scale } from './scale.js';
import { gatewayEnvFor, startWorld, type World } from './world.js';

const image = referencePictures()[0]!.bytes;
let world: World;
beforeAll(async () => {
  world = await startWorld();
  // Looked into and accepted: the other gateway has only to ask.
  expect((await world.gateway.quick(20, { image })).status).toBe(200);
});
afterAll(async () => {
  await world.close();
  await closeConnections();
});

const answer = (body: string, type = 'application/json', status = 200) =>
  `HTTP/1.1 ${status} Whatever\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const drip = (socket: Socket, start: string, more: string) => {
  socket.write(start);
  const timer = setInterval(() => socket.write(more), 20);
  socket.on('close', () => clearInterval(timer));
};

/** What something at a worker's address does with a request for a picture. */
const nonsense: Record<string, (socket: Socket) => void> = {
  'half a JSON object': (socket) => socket.write(answer('{"predicted_boxes":[{"x1":')),
  'a web page': (socket) => socket.write(answer('<p>hello', 'text/html')),
  'a web page of an error': (socket) => socket.write(answer('<p>bad gateway', 'text/html', 502)),
  'a redirect': (socket) =>
    socket.write('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n'),
  'an empty success': (socket) => socket.write(answer('')),
  'JSON that is no object': (socket) => socket.write(answer('null')),
  'headers without end': (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', `x-more: ${'y'.repeat(2_000)}\r\n`),
  'bytes that are not HTTP': (socket) => socket.write('\x16\x03\x01\x02\0\x01\0\r\n\r\n'),
  'a wrong chunk': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
};
const silences: Record<string, (socket: Socket) => void> = {
  'accepts and never answers': () => undefined,
  'begins an answer and goes silent': (socket) => socket.write(answer('{"a":1}').slice(0, -3)),
  'gives its answer a byte at a time, for ever': (socket) =>
    drip(socket, 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n{', ' '),
};

describe('something else at a worker’s address', () => {
  let behave: (socket: Socket) => void = () => undefined;
  const open = new Set<Socket>();
  let peer: Awaited<ReturnType<typeof startSocketPeer>>;
  let gateway: StartedGateway;
  beforeAll(async () => {
    peer = await startSocketPeer((socket) => {
      socket.on('data', (chunk) => {
        if (!chunk.toString('latin1').includes('POST /inference/quick')) return;
        open.add(socket);
        behave(socket);
      });
      socket.on('close', () => open.delete(socket));
    });
    gateway = await startGateway({
      databaseUrl: world.database.databaseUrl,
      env: gatewayEnvFor(peer.url, { DEADLINE_MS: '10000' }),
    });
  });
  afterAll(async () => {
    await gateway.close();
    await peer.close();
  });
  const bothLive = () => expect([gateway, world.gateway].map(({ pid }) => isAlive(pid))).toEqual([true, true]);

  test.each(Object.entries(nonsense))('%s is answered 502', async (name, deed) => {
    behave = deed;
    const { status, body } = await gateway.quick<Problem>(20, { image });
    expect([name, status, body.code]).toEqual([name, 502, 'WORKER_PROTOCOL']);
    bothLive();
  });

  test.each(Object.entries(silences))(
    'one that %s is given up in time, and its connection closed',
    async (name, deed) => {
      behave = deed;
      const { status, body } = await gateway.quick<Problem>(20, { image, fields: { timeout_ms: 500 } });
      expect([name, status, body.code]).toEqual([name, 504, 'DEADLINE_EXCEEDED']);
      await waitFor(() => open.size === 0, { what: 'the end of the connection' });
      bothLive();
    },
  );

  test('is reported', () => {
    report({
      part: 'surroundings',
      fault: 'a worker answers nonsense',
      how: Object.keys(nonsense).join('; '),
      times: Object.keys(nonsense).length,
      outcome: '502 WORKER_PROTOCOL each time; the gateway lives',
    });
    report({
      part: 'surroundings',
      fault: 'a worker is too slow',
      how: `it ${Object.keys(silences).join('; ')}; timeout_ms=500`,
      times: Object.keys(silences).length,
      outcome: '504 DEADLINE_EXCEEDED, and its connection closed',
    });
  });
});

test('a worker that goes is said, and is used again when it is back', async () => {
  const words: string[] = [];
  for (let round = 0; round < scale.rounds; round++) {
    await world.worker.kill9();
    for (let request = 0; request < 3; request++) {
      const { status, headers, body } = await world.gateway.quick<Problem>(20, { image });
      expect([status, body.code, body.retryable]).toEqual([502, 'WORKER_UNREACHABLE', true]);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      words.push(`${status} ${body.code}`);
    }
    world.worker = await world.worker.again();
    await waitFor(async () => (await world.gateway.quick(20, { image })).status === 200);
  }
  report({
    part: 'surroundings',
    fault: 'a worker goes, and comes back',
    how: 'SIGKILL, three requests while it is away',
    times: scale.rounds,
    outcome: `${counted(words)}, each with Retry-After; then 200 without touching the gateway`,
  });
});

test('a checkpoint that has rotted on a worker’s disk is sent again by the gateway', async () => {
  const { id } = (await world.gateway.createJob(aJob())).body;
  const model = detectModel();
  expect((await world.gateway.upload(id, model)).status).toBe(201);
  const file = join(world.worker.folder, 'data/ultralytics-checkpoints', `${sha256Of(model)}.onnx`);
  const black = await greyPicture(0);
  for (let round = 0; round < scale.rounds; round++) {
    await world.worker.stop();
    const bytes = await readFile(file);
    bytes[(round * 997) % bytes.length]! ^= 1 << (round % 8);
    await writeFile(file, bytes);
    world.worker = await world.worker.again();
    const answered = await waitFor(async () => {
      const reply = await world.gateway.quick(id, { image: black });
      return reply.status !== 502 && reply;
    });
    expect(answered.status).toBe(200);
    expect(sha256Of(await readFile(file))).toBe(sha256Of(model));
  }
  report({
    part: 'surroundings',
    fault: 'one bit of a checkpoint flips on a worker’s disk',
    how: 'while the worker is down; then a request through the gateway',
    times: scale.rounds,
    outcome: '200; the worker has noticed, and the gateway has sent the file again',
  });
});
