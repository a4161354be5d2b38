import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gatewayRoutes, type Problem } from '@lensgate/contracts';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  buildServer,
  createLogger,
  defineTestRoute,
  drain,
  exchange,
  registerRoute,
  type ServerOptions,
} from './harness.js';

const lines: string[] = [];
const sink = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk));
    done();
  },
});
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
  lines.length = 0;
});

const thing = defineTestRoute({
  method: 'POST',
  path: '/things/:id',
  params: z.object({ id: z.coerce.number().int() }),
  query: z.object({ word: z.string().optional() }),
  body: { kind: 'json', schema: z.strictObject({ name: z.string() }) },
  replies: { 201: z.object({ id: z.number(), name: z.string() }) },
});

async function start(options: Partial<ServerOptions> = {}) {
  const app = buildServer({
    service: 'test',
    logger: createLogger('test', 'info', sink),
    guard: { hosts: [], origins: ['https://app.example.org'] },
    ...options,
  });
  open.push(app);
  registerRoute(app, thing, ({ params, body }) => ({ id: params.id, name: body.name }));
  registerRoute(app, gatewayRoutes.health, () => ({ status: 'ok' as const, service: 'test', uptime_s: 1 }));
  app.get('/broken', () => {
    throw new Error('secret words at /srv/place');
  });
  const held: { release: () => void; aborted: boolean; entered: () => void }[] = [];
  registerRoute(
    app,
    defineTestRoute({ method: 'GET', path: '/slow', replies: { 200: 'text' } }),
    ({ signal }) =>
      new Promise<string>((resolve) => {
        const entry = { release: () => resolve('done'), aborted: false, entered: () => undefined };
        signal.addEventListener('abort', () => {
          entry.aborted = true;
          resolve('gone');
        });
        held.push(entry);
      }),
  );
  registerRoute(
    app,
    defineTestRoute({
      method: 'PUT',
      path: '/full',
      body: { kind: 'binary', mediaType: 'application/octet-stream' },
      replies: { 200: 'text' },
    }),
    async ({ body }) => {
      const full = new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
      });
      await pipeline(body, full);
      return 'kept';
    },
  );
  registerRoute(
    app,
    defineTestRoute({
      method: 'GET',
      path: '/tree/*',
      params: z.object({ '*': z.string() }),
      replies: { 200: 'text' },
    }),
    ({ params }) => params['*'],
  );
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url, port: Number(new URL(url).port), held };
}

const problem = async (response: Response) => (await response.json()) as Problem;

const postThing = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/things/7`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

test('a valid request reaches its handler typed and gets the contract’s status, request id and security headers', async () => {
  const { url } = await start();
  const response = await postThing(url, '{"name":"치마"}', { 'x-request-id': 'abc.1:2-3' });
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ id: 7, name: '치마' });
  expect(response.headers.get('x-request-id')).toBe('abc.1:2-3');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test.each([
  ['malformed JSON', '{"name":', 'application/json', 400, 'BODY_MALFORMED'],
  ['text that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'application/json', 400, 'BODY_MALFORMED'],
  ['a wrong body type', 'name=a', 'application/x-www-form-urlencoded', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['an unreadable body type', 'x', 'garbage', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['an unknown field', '{"name":"a","more":1}', 'application/json', 422, 'FIELD_INVALID'],
] as const)('%s is a problem document', async (_, body, type, status, code) => {
  const { url } = await start();
  const response = await fetch(`${url}/things/7`, { method: 'POST', body, headers: { 'content-type': type } });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await problem(response)).toMatchObject({
    status,
    code,
    request_id: response.headers.get('x-request-id'),
    type: `/docs/errors#${code.toLowerCase()}`,
  });
});

test('every wrong field is named', async () => {
  const { url } = await start();
  const response = await fetch(`${url}/things/x`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect((await problem(response)).errors?.map(({ field }) => field)).toEqual(['id']);
});

test('an unknown path is 404, a wrong method on a known path 405 with Allow, and HEAD works where GET does', async () => {
  const { url } = await start();
  expect(await problem(await fetch(`${url}/nowhere?key=1`))).toMatchObject({
    code: 'ROUTE_NOT_FOUND',
    detail: 'There is no GET /nowhere.',
  });
  const wrong = await fetch(`${url}/things/7`, { method: 'DELETE' });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await problem(wrong)).code).toBe('METHOD_NOT_ALLOWED');
  const other = await fetch(`${url}/health`, { method: 'POST', body: 'x' });
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await fetch(`${url}/health`, { method: 'HEAD' })).status).toBe(200);
  expect(await (await fetch(`${url}/tree/a/b%2Fc`)).text()).toBe('a/b/c');
});

test('an unexpected error says nothing of itself to the caller and everything to the log', async () => {
  const { url } = await start();
  const response = await fetch(`${url}/broken?token=hush`);
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL', retryable: true });
  expect(text).not.toContain('secret');
  await expect.poll(() => lines.some((line) => line.includes('"msg":"request"'))).toBe(true);
  expect(lines.some((line) => line.includes('secret words') && line.includes('"stack"'))).toBe(true);
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ route: '/broken', status: 500, code: 'INTERNAL', method: 'GET' });
  expect(lines.join('')).not.toContain('hush');
});

test.each([
  [
    'a path that is not correctly encoded',
    'GET /%zz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    400,
    'REQUEST_MALFORMED',
  ],
  ['a missing Host', 'GET /health HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['bytes that are not HTTP', 'hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  [
    'a bad chunk size',
    'POST /things/7 HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    400,
    'REQUEST_MALFORMED',
  ],
  [
    'headers that are too large',
    `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`,
    431,
    'HEADERS_TOO_LARGE',
  ],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: localhost\r\n\r\n', 400, 'REQUEST_MALFORMED'],
])('%s is answered with a problem document and a request id', async (_, bytes, status, code) => {
  const { port } = await start({ limits: { lingerMs: 200 } });
  const answer = await exchange(port, bytes);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toContain(`HTTP/1.1 ${status} `);
  const parsed = JSON.parse(body) as Problem;
  expect(parsed).toMatchObject({ status, code });
  expect(head.toLowerCase()).toContain(`x-request-id: ${parsed.request_id}`);
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  expect(head.toLowerCase()).toContain('x-content-type-options: nosniff');
});

test('a client that is too slow gets 408', async () => {
  const { port } = await start({ limits: { requestTimeoutMs: 300, headersTimeoutMs: 300, lingerMs: 200 } });
  const answer = await exchange(
    port,
    'POST /things/7 HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{',
  );
  expect(answer).toContain('HTTP/1.1 408 ');
  expect(answer).toContain('"code":"REQUEST_TIMEOUT"');
});

test('foreign hosts and origins are refused; our own, admitted ones and links are not', async () => {
  const { url, port } = await start();
  const get = (headers: Record<string, string>) =>
    exchange(
      port,
      `GET /health HTTP/1.1\r\n${Object.entries({ connection: 'close', host: `127.0.0.1:${port}`, ...headers })
        .map(([k, v]) => `${k}: ${v}\r\n`)
        .join('')}\r\n`,
    );
  expect(await get({ host: 'evil.example' })).toContain('HOST_REFUSED');
  expect(await get({ host: '10.1.2.3' })).toContain('HOST_REFUSED');
  expect(await get({ host: 'localhost:3000' })).toContain('200 OK');
  expect(await get({ origin: 'https://evil.example' })).toContain('ORIGIN_REFUSED');
  expect(await get({ origin: 'null' })).toContain('ORIGIN_REFUSED');
  expect(await get({ origin: `http://127.0.0.1:${port}` })).toContain('200 OK');
  expect(await get({ 'sec-fetch-site': 'cross-site' })).toContain('ORIGIN_REFUSED');
  expect(await get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toContain('200 OK');
  const admitted = await get({ origin: 'https://app.example.org', 'sec-fetch-site': 'cross-site' });
  expect(admitted).toContain('access-control-allow-origin: https://app.example.org');
  const preflight = await fetch(`${url}/things/7`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example.org', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
});

test('a host list admits names, and `any` admits all', async () => {
  const { port } = await start({ guard: { hosts: ['lens.example.org'], origins: [] } });
  const { port: anyPort } = await start({ guard: { hosts: 'any', origins: [] } });
  const ask = (to: number, host: string) =>
    exchange(to, `GET /health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  expect(await ask(port, 'lens.example.org:80')).toContain('200 OK');
  expect(await ask(anyPort, 'whatever.example')).toContain('200 OK');
});

test('the signal fires when the client goes away, also on a connection that has served before', async () => {
  const { app, port, held } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write('GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await expect.poll(() => held.length).toBe(1);
  expect(held[0]!.aborted).toBe(false);
  socket.destroy();
  await expect.poll(() => held[0]!.aborted).toBe(true);
  await expect.poll(() => app.lifecycle.inFlight).toBe(0);
  await expect.poll(() => lines.some((line) => line.includes('"status":499'))).toBe(true);
});

test('a drain finishes what runs, refuses what comes and lets health answer', async () => {
  const { app, url, held } = await start();
  const running = fetch(`${url}/slow`);
  await expect.poll(() => held.length).toBe(1);
  const drained = drain(app, { drainTimeoutMs: 30_000 });
  const refused = await postThing(url, '{"name":"a"}');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await problem(refused)).code).toBe('DRAINING');
  expect((await fetch(`${url}/health`)).status).toBe(200);
  held[0]!.release();
  expect(await (await running).text()).toBe('done');
  await drained;
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test('a drain does not wait for those whom it refuses: in a flood there is always one', async () => {
  const waitedFor: number[] = [];
  const { app, url, held } = await start({
    translateError: (error, { server }) => {
      waitedFor.push(server.lifecycle.inFlight);
      return error;
    },
  });
  const running = fetch(`${url}/slow`);
  await expect.poll(() => held.length).toBe(1);
  const drained = drain(app, { drainTimeoutMs: 30_000 });
  expect((await postThing(url, '{"name":"a"}')).status).toBe(503);
  expect(waitedFor).toEqual([1]);
  held[0]!.release();
  await running;
  await drained;
});

test('a drain does not wait longer than it may', async () => {
  const { app, url, held } = await start();
  const running = fetch(`${url}/slow`).catch((error: unknown) => error);
  await expect.poll(() => held.length).toBe(1);
  await drain(app, { drainTimeoutMs: 20 });
  expect(await running).toBeInstanceOf(Error);
});

test('metrics count requests by route pattern, never by url', async () => {
  const { app, url } = await start();
  await postThing(url, '{"name":"a"}');
  await fetch(`${url}/things/8`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
  await expect
    .poll(() => app.metrics.text())
    .toContain('http_problems_total{route="/things/:id",code="BODY_MALFORMED",service="test"} 1');
  const text = await app.metrics.text();
  expect(text).toContain(
    'http_request_duration_seconds_count{service="test",method="POST",route="/things/:id",status="201"} 1',
  );
  expect(text).not.toContain('/things/7');
});

test('a request that arrives while the listening ends is still answered', async () => {
  const { app, port, held } = await start();
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
  socket.write('GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await expect.poll(() => held.length).toBe(1);
  const late = connect(port, '127.0.0.1');
  await new Promise((resolve) => late.once('connect', resolve));
  const lateAnswer = new Promise<string>((resolve) => {
    let text = '';
    late.on('data', (chunk) => {
      text += chunk;
    });
    late.on('close', () => resolve(text));
  });
  const drained = drain(app, { drainTimeoutMs: 30_000 });
  held[0]!.release();
  await expect.poll(() => app.server.listening).toBe(false);
  late.write('GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n');
  expect(await lateAnswer).toContain('"code":"DRAINING"');
  expect(await answer).toContain('done');
  await drained;
});

test.each([10, 3_000_000])(
  'a disk that is full in the middle of a body of %d bytes is said, and logged',
  async (bytes) => {
    const { url } = await start();
    const response = await fetch(`${url}/full`, {
      method: 'PUT',
      body: new Uint8Array(bytes),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(response.status).toBe(507);
    expect(await problem(response)).toMatchObject({ code: 'DISK_FULL', retryable: true });
    await expect.poll(() => lines.some((line) => line.includes('"status":507'))).toBe(true);
    expect(lines.some((line) => line.includes('the disk is full'))).toBe(true);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  },
);
