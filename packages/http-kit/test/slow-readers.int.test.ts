import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildServer, createLogger, defineTestRoute, MiB, registerRoute, type ServerLimits } from './harness.js';

/** More than the kernel takes off our hands for both sides of a connection. */
const answerBytes = 64 * MiB;
const big = defineTestRoute({ method: 'GET', path: '/big', replies: { 200: 'text' } });
const lines = defineTestRoute({ method: 'GET', path: '/lines', replies: { 200: 'text' } });
const json = defineTestRoute({
  method: 'POST',
  path: '/json',
  body: { kind: 'json', schema: z.unknown() },
  replies: { 200: 'text' },
});

const open: { close(): Promise<unknown> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const app of open.splice(0)) await app.close();
});

async function start(limits: Partial<ServerLimits>) {
  const app = buildServer({
    service: 'test',
    logger: createLogger('test', 'silent'),
    guard: { hosts: [], origins: [] },
    limits: { lingerMs: 200, ...limits },
  });
  open.push(app);
  registerRoute(app, big, () => Buffer.alloc(answerBytes, 'x'));
  registerRoute(app, lines, ({ reply }) => {
    reply.type('text/plain');
    return Readable.from(slowLines(4 * (limits.answerStallMs ?? 100)));
  });
  registerRoute(app, json, () => 'read');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, port: Number(new URL(url).port) };
}

async function* slowLines(pauseMs: number) {
  for (let line = 0; line < 3; line++) {
    yield Buffer.from(`line ${line}\n`);
    await sleep(pauseMs);
  }
}

/** Other tests may have the processor. */
const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 20_000 });

interface Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  received(): number;
  text(): string;
}

function client(port: number, bytes: string): Client {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  sockets.push(socket);
  let received = 0;
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (text.length < MiB) text += chunk.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  return { socket, closed, received: () => received, text: () => text };
}
const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;

/** Reads the first bytes of an answer and then no more. */
async function reader(port: number): Promise<Client> {
  const one = client(port, get('/big'));
  // At its first bytes: a look from outside may come when all of the answer has been read.
  one.socket.once('data', () => one.socket.pause());
  await eventually(one.received).toBeGreaterThan(0);
  return one;
}

describe('a client that does not read its answer', () => {
  test('is cut off when it takes nothing for a while, and the request is over', async () => {
    const { app, port } = await start({ answerStallMs: 200 });
    const stalled = await reader(port);
    await eventually(() => app.lifecycle.inFlight).toBe(0);
    stalled.socket.resume();
    await stalled.closed;
    expect(stalled.received()).toBeLessThan(answerBytes);
  });

  test('is cut off when it is not done in the longer time, though it always takes a little', async () => {
    const { app, port } = await start({ answerStallMs: 60_000, answerTimeoutMs: 300 });
    const slow = await reader(port);
    const sips = setInterval(() => {
      slow.socket.resume();
      setImmediate(() => slow.socket.pause());
    }, 100);
    await eventually(() => app.lifecycle.inFlight).toBe(0);
    clearInterval(sips);
    expect(slow.received()).toBeLessThan(answerBytes);
  });

  test('is cut off, the one that came first first, when answers hold more memory than they may', async () => {
    const { app, port } = await start({ unreadBytesMax: 2.5 * answerBytes });
    const first = await reader(port);
    const second = await reader(port);
    await eventually(() => app.lifecycle.inFlight).toBe(2);
    const third = client(port, get('/big'));
    await eventually(third.received).toBeGreaterThan(answerBytes);
    first.socket.resume();
    await first.closed;
    expect(first.received()).toBeLessThan(answerBytes);
    second.socket.resume();
    await eventually(second.received).toBeGreaterThan(answerBytes);
  });
});

test('a client that reads slowly but steadily gets all of its answer', async () => {
  const { port } = await start({ answerStallMs: 300 });
  const slow = await reader(port);
  const sips = setInterval(() => {
    slow.socket.resume();
    setTimeout(() => slow.socket.pause(), 10);
  }, 50);
  await eventually(slow.received).toBeGreaterThan(answerBytes);
  clearInterval(sips);
});

test('a client that waits for the next line of a slow answer is not cut off', async () => {
  const { port } = await start({ answerStallMs: 50 });
  const patient = client(port, get('/lines'));
  await eventually(patient.text).toContain('line 2');
});

test('a connection serves on after a slow answer, also a request that waits longer than an answer may stall', async () => {
  const { port } = await start({ answerStallMs: 100 });
  const kept = client(port, get('/lines') + get('/lines'));
  await eventually(() => kept.text().split('line 2').length - 1).toBe(2);
});

test('a JSON body that does not come in time is answered 408', async () => {
  const { port } = await start({ jsonTimeoutMs: 200 });
  const head =
    'POST /json HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n[1,';
  const slow = client(port, head);
  await eventually(slow.text).toContain('HTTP/1.1 408 ');
  expect(slow.text()).toContain('"code":"REQUEST_TIMEOUT"');
});

test('JSON that is nested too deep is answered 400 with the depth that may be', async () => {
  const { port } = await start({});
  const body = '['.repeat(100_000);
  const head = `POST /json HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const deep = client(port, head + body);
  await eventually(deep.text).toContain('nested deeper than 64 levels');
  expect(deep.text()).toContain('HTTP/1.1 400 ');
});

test('beyond the number of connections a new one is closed unanswered, and idle ones make room', async () => {
  const { port } = await start({ connectionsMax: 2 });
  const busy = await reader(port);
  const idle = client(port, get('/nowhere'));
  await eventually(idle.text).toContain('ROUTE_NOT_FOUND');
  const refused = client(port, get('/nowhere'));
  await refused.closed;
  expect(refused.text()).toBe('');
  await idle.closed;
  const admitted = client(port, get('/nowhere'));
  await eventually(admitted.text).toContain('ROUTE_NOT_FOUND');
  busy.socket.resume();
  await eventually(busy.received).toBeGreaterThan(answerBytes);
});
