import { Writable } from 'node:stream';
import type { Problem } from '@lensgate/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildServer, createLogger, defineTestRoute, exchange, registerRoute, replyBatch } from './harness.js';

type LogLine = Record<string, unknown>;

const lines: LogLine[] = [];
const sink = new Writable({
  write(chunk, _encoding, done) {
    lines.push(JSON.parse(String(chunk)) as LogLine);
    done();
  },
});
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
  lines.length = 0;
});

async function start() {
  const app = buildServer({
    service: 'test',
    logger: createLogger('test', 'info', sink),
    guard: { hosts: [], origins: ['https://app.example.org'] },
    limits: { requestTimeoutMs: 300, headersTimeoutMs: 300, lingerMs: 200 },
  });
  open.push(app);
  const name = defineTestRoute({
    method: 'POST',
    path: '/names',
    body: { kind: 'json', schema: z.strictObject({ name: z.string() }) },
    replies: { 200: z.object({ name: z.string() }) },
  });
  registerRoute(app, name, ({ body }) => body);
  const batch = defineTestRoute({ method: 'GET', path: '/batch', replies: { 200: z.looseObject({}) } });
  registerRoute(app, batch, ({ request, reply, signal }) =>
    replyBatch(
      { request, reply, signal },
      { count: 1, sideBySide: 1, answerBytesMax: 10_000, run: () => Promise.reject(new Error('a defect')) },
    ),
  );
  app.get('/files/*', (_request, reply) => reply.callNotFound());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, port: Number(new URL(url).port) };
}

/** Head and body of an answer that came over a bare socket. */
function partsOf(answer: string): { headers: Record<string, string>; problem: Problem } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [, ...headerLines] = head.split('\r\n');
  const headers = headerLines.map((line) => [line.split(':', 1)[0]!.toLowerCase(), line.replace(/^[^:]*: */, '')]);
  return { headers: Object.fromEntries(headers), problem: JSON.parse(body) as Problem };
}

const korean = { 'accept-language': 'ko-KR,ko;q=0.9,en;q=0.8' };

describe('a path', () => {
  const post = (body: string, type = 'application/json') => ({
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });
  const told = async (response: Response) => ({ status: response.status, ...((await response.json()) as object) });

  test('is the same with a slash at its end', async () => {
    const { url } = await start();
    expect(await told(await fetch(`${url}/names/`, post('{"name":"a"}')))).toEqual({ status: 200, name: 'a' });
    const wrongMethod = await fetch(`${url}/names/`, { method: 'DELETE' });
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('that finds no file behind a pattern is not there, whatever else it answers', async () => {
    const { url } = await start();
    expect(await told(await fetch(`${url}/files/a.js`))).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
    expect(await told(await fetch(`${url}/files/a.js`, { method: 'PUT' }))).toMatchObject({ status: 405 });
  });

  test('names the body type that it takes where the given one is none at all', async () => {
    const { url } = await start();
    expect(await told(await fetch(`${url}/names`, post('{}', 'json')))).toMatchObject({
      status: 415,
      code: 'MEDIA_TYPE_UNSUPPORTED',
      params: { media_type: 'json', accepted: 'application/json' },
    });
  });
});

describe('a problem in Korean', () => {
  const cases: [string, string, RequestInit, string][] = [
    ['without a route', '/nowhere', {}, '없는 경로'],
    ['of a method', '/names', { method: 'DELETE' }, '허용되지 않은 메서드'],
    ['before a route', '/%zz', {}, '잘못된 요청'],
    [
      'of a route',
      '/names',
      { method: 'POST', body: '{"more":1}', headers: { 'content-type': 'application/json' } },
      '잘못된 필드',
    ],
  ];

  test.each(cases)('%s: title, detail and messages of fields; the code stays', async (_, path, init, title) => {
    const { url } = await start();
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(`${url}${path}`, { ...init, headers: { ...init.headers, ...headers } });
      return { headers: response.headers, problem: (await response.json()) as Problem };
    };
    const [ko, en] = [await ask(korean), await ask({ 'accept-language': 'en;q=0.9, ko;q=0.8' })];
    expect(ko.problem).toMatchObject({ title, detail: expect.stringMatching(/[가-힣]/) });
    for (const { message } of ko.problem.errors ?? []) expect(message).toMatch(/[가-힣]/);
    expect([ko.headers.get('content-language'), ko.headers.get('vary')]).toEqual(['ko', 'accept-language']);
    expect([en.headers.get('content-language'), en.headers.get('vary')]).toEqual(['en', 'accept-language']);
    expect(en.problem.title).toMatch(/^[ -~]+$/);
    const { code, type, status, params } = en.problem;
    expect(ko.problem).toMatchObject({ code, type, status, ...(params ? { params } : {}) });
  });

  test('says besides the origin what it varies by', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/nowhere`, { headers: { origin: 'https://app.example.org', ...korean } });
    expect(response.headers.get('vary')).toBe('origin, accept-language');
  });

  test.each(['application/json', 'application/x-ndjson'])('among the results of a batch, as %s', async (accept) => {
    const { url } = await start();
    const response = await fetch(`${url}/batch`, { headers: { accept, ...korean } });
    const body = (await response.json()) as { results?: Problem[] } & Problem;
    expect(body.results?.[0] ?? body).toMatchObject({ code: 'INTERNAL', title: '내부 오류' });
    expect(response.headers.get('vary')).toBe('accept-language');
  });

  test('of a request that came too slowly follows the headers that had come', async () => {
    const { port } = await start();
    const answer = await exchange(
      port,
      'POST /names HTTP/1.1\r\nhost: localhost\r\naccept-language: ko\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    );
    expect(partsOf(answer)).toMatchObject({
      headers: { 'content-language': 'ko', vary: 'accept-language' },
      problem: { code: 'REQUEST_TIMEOUT', title: '요청 전송 시간 초과' },
    });
  });
});

describe('the request id', () => {
  const postJson = (id: string, body: string, length = body.length) =>
    `POST /names HTTP/1.1\r\nhost: localhost\r\nx-request-id: ${id}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
  const get = (path: string, id: string) =>
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\nx-request-id: ${id}\r\nconnection: close\r\n\r\n`;
  const cases: [string, string, string, string | undefined][] = [
    ['404', get('/nowhere', 'mine-1'), 'ROUTE_NOT_FOUND', 'mine-1'],
    ['405', get('/names', 'mine-2'), 'METHOD_NOT_ALLOWED', 'mine-2'],
    ['404 with an id that is not sane', get('/nowhere', 'x'.repeat(129)), 'ROUTE_NOT_FOUND', undefined],
    ['a path that is not encoded', get('/%zz', 'mine-3'), 'REQUEST_MALFORMED', 'mine-3'],
    ['a refused host', get('/x', 'mine-4').replace('localhost', 'evil.example'), 'HOST_REFUSED', 'mine-4'],
    ['bytes that are not HTTP', 'hello\r\n\r\n', 'REQUEST_MALFORMED', undefined],
    ['headers too large', get('/x', 'a'.repeat(70_000)), 'HEADERS_TOO_LARGE', undefined],
    ['headers too slow', 'GET /x HTTP/1.1\r\nhost: loc', 'REQUEST_TIMEOUT', undefined],
    ['a body too slow', postJson('mine-5', '{', 9), 'REQUEST_TIMEOUT', 'mine-5'],
    ['a body too slow, id not sane', postJson('a b', '{', 9), 'REQUEST_TIMEOUT', undefined],
    [
      'a bad chunk',
      postJson('mine-6', 'zz\r\n').replace('content-length: 4', 'transfer-encoding: chunked'),
      'REQUEST_MALFORMED',
      'mine-6',
    ],
    [
      'CONNECT',
      'CONNECT a:1 HTTP/1.1\r\nhost: localhost\r\nx-request-id: mine-7\r\n\r\n',
      'REQUEST_MALFORMED',
      'mine-7',
    ],
  ];

  test.each(cases)('of %s is one and the same in body, header and log line', async (_, bytes, code, id) => {
    const { port } = await start();
    const { headers, problem } = partsOf(await exchange(port, bytes));
    expect(problem.code).toBe(code);
    expect(headers['x-request-id']).toBe(problem.request_id);
    if (id === undefined) expect(problem.request_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    else expect(problem.request_id).toBe(id);
    const ownLines = () => lines.filter((line) => line.msg === 'request' && line.request_id === problem.request_id);
    await expect.poll(ownLines).toHaveLength(1);
    expect(ownLines()[0]).toMatchObject({ status: problem.status, code });
  });
});
