import type { Problem } from '@lensgate/contracts';
import {
  closeConnections,
  formOf,
  headOf,
  nothingLeft,
  openSocket,
  rawRequest,
  referencePictures,
  requestBytes,
  type Stack,
  startStack,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What every service of ours puts up with on a connection, whoever connects. */
const limits = { HEADERS_TIMEOUT_MS: '1000', JSON_TIMEOUT_MS: '1000' };
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gatewayEnv: limits, workerEnv: limits });
});
afterAll(async () => {
  await stack.stop();
  const left = await stack.leftovers();
  await stack.close();
  await closeConnections();
  expect(left).toEqual(nothingLeft);
});

const services = ['gateway', 'worker'] as const;
const urlOf = (service: (typeof services)[number]) =>
  service === 'gateway' ? stack.gateway.url : stack.workers.get('ultralytics')!.url;

const health = 'GET /health HTTP/1.1';
const host = 'host: localhost';
const post = ['POST /health HTTP/1.1', host];

const rows: readonly (readonly [name: string, bytes: string | Buffer, status: number, code: string])[] = [
  ['headers of 17 KiB', headOf(health, host, `x: ${'a'.repeat(17 * 1024)}`), 431, 'HEADERS_TOO_LARGE'],
  [
    'more headers than there may be bytes of them',
    headOf(health, host, ...Array(17_000).fill('a:')),
    431,
    'HEADERS_TOO_LARGE',
  ],
  ['a request line of 17 KiB', headOf(`GET /${'a'.repeat(17 * 1024)} HTTP/1.1`, host), 431, 'HEADERS_TOO_LARGE'],
  ['headers that are never complete', `${health}\r\n${host}\r\nx: `, 408, 'REQUEST_TIMEOUT'],
  ['a connection on which nothing is sent', '', 408, 'REQUEST_TIMEOUT'],
  ['no Host', headOf(health), 400, 'REQUEST_MALFORMED'],
  ['two Hosts', headOf(health, host, 'host: localhost'), 400, 'REQUEST_MALFORMED'],
  ['a Host that is not ours', headOf(health, 'host: evil.example'), 403, 'HOST_REFUSED'],
  [
    'a length and chunks at once',
    `${headOf(...post, 'content-length: 4', 'transfer-encoding: chunked')}0\r\n\r\n`,
    400,
    'REQUEST_MALFORMED',
  ],
  [
    'two different lengths',
    `${headOf(...post, 'content-length: 3', 'content-length: 4')}abcd`,
    400,
    'REQUEST_MALFORMED',
  ],
  ['a negative length', headOf(...post, 'content-length: -1'), 400, 'REQUEST_MALFORMED'],
  ['a length with a sign', headOf(...post, 'content-length: +1'), 400, 'REQUEST_MALFORMED'],
  ['an encoding that is almost chunked', headOf(...post, 'transfer-encoding: xchunked'), 400, 'REQUEST_MALFORMED'],
  ['chunked twice', headOf(...post, 'transfer-encoding: chunked, chunked'), 400, 'REQUEST_MALFORMED'],
  ['a space in front of the colon', headOf(...post, 'content-length : 4'), 400, 'REQUEST_MALFORMED'],
  ['a header that goes on in the next line', headOf(...post, 'x: a', ' b'), 400, 'REQUEST_MALFORMED'],
  ['a NUL in a header', headOf(health, host, 'x: a\0b'), 400, 'REQUEST_MALFORMED'],
  ['bare line feeds', `${health}\n${host}\n\n`, 400, 'REQUEST_MALFORMED'],
  ['a version that is none', headOf('GET /health HTTP/9.9', host), 400, 'REQUEST_MALFORMED'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['a TLS hello', Buffer.from('1603010200010001fc0303', 'hex'), 400, 'REQUEST_MALFORMED'],
  ['a method that nobody knows', headOf('FROB /health HTTP/1.1', host), 400, 'REQUEST_MALFORMED'],
  ['another site in the request line', headOf('GET http://evil.example/health HTTP/1.1', host), 403, 'HOST_REFUSED'],
  [
    'a path that leaves the folder',
    headOf('GET /assets/../../../../etc/passwd HTTP/1.1', host),
    404,
    'ROUTE_NOT_FOUND',
  ],
  [
    'an encoded path that leaves the folder',
    headOf('GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1', host),
    404,
    'ROUTE_NOT_FOUND',
  ],
];
const quickPath = { gateway: '/api/v1/test_inference/inference/quick', worker: '/inference/quick' };
const multipart = (service: (typeof services)[number], ...more: string[]) =>
  headOf(
    `POST ${quickPath[service]} HTTP/1.1`,
    host,
    'content-type: multipart/form-data; boundary=x',
    'transfer-encoding: chunked',
    ...more,
  );

describe.each(services)('the %s', (service) => {
  test.each(rows)('answers %s', async (_, bytes, status, code) => {
    const answer = await rawRequest(urlOf(service), Buffer.from(bytes as string));
    expect(answer.text).toContain(`"code":"${code}"`);
    expect({ status: answer.status, wasReset: answer.wasReset }).toEqual({ status, wasReset: false });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect((JSON.parse(answer.text) as Problem).request_id).toBe(answer.headers['x-request-id']);
    expect(answer.text).not.toContain('root:');
  });

  test.each([
    ['a chunk size that is no number', 'zz\r\n'],
    ['a chunk size beyond all numbers', `${'f'.repeat(17)}\r\n`],
    ['a chunk that is longer than it says', '1\r\nabc\r\n0\r\n\r\n'],
    ['a chunk whose extension has no end', `1;${'a'.repeat(20_000)}`],
  ])('answers a body with %s', async (_, body) => {
    const answer = await rawRequest(urlOf(service), Buffer.from(multipart(service) + body));
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.text) as Problem).code).toMatch(/^(REQUEST|MULTIPART)_MALFORMED$/);
  });

  test('serves HTTP/1.0 and closes the connection after it', async () => {
    const old = openSocket(urlOf(service), headOf('GET /health HTTP/1.0', host));
    await old.closed;
    expect(old.received()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(old.received()).toMatch(/connection: close/i);
    expect(old.received()).toContain('"status":"ok"');
  });

  test('answers requests that come in one piece each in its turn, and a bad one among them ends the row', async () => {
    const get = (path: string) => headOf(`GET ${path} HTTP/1.1`, host);
    const row = openSocket(
      urlOf(service),
      `${get('/health')}${get('/nowhere')}${get('/health')}FROB / HTTP/1.1\r\n\r\n`,
    );
    await row.closed;
    const statuses = [...row.received().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    expect(statuses).toEqual(['200', '404', '200', '400']);
  });

  test('does not take the rest of a refused body for a request', async () => {
    const smuggled = headOf('DELETE /api/v1/training/jobs/20 HTTP/1.1', host);
    const bytes = headOf(
      `POST ${quickPath[service]} HTTP/1.1`,
      host,
      'content-type: text/plain',
      `content-length: ${smuggled.length}`,
    );
    const row = openSocket(urlOf(service), bytes + smuggled + headOf(health, host, 'connection: close'));
    await row.closed;
    const statuses = [...row.received().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    expect(statuses).toEqual(['415', '200']);
  });

  test('tells a client that asks first to go on', async () => {
    const asking = openSocket(urlOf(service), multipart(service, 'expect: 100-continue', 'connection: close'));
    await waitFor(() => asking.received().includes('HTTP/1.1 100 Continue'), { what: 'leave to go on' });
    const body = Buffer.from('--x--\r\n');
    asking.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    await asking.closed;
    expect(asking.received()).toContain('"code":"FILE_MISSING"');
  });
});

test('a picture is served to a client that asks first, byte by byte', async () => {
  const { quickUrl } = stack.gateway;
  const image = referencePictures()[0]!.bytes;
  const { body, contentType } = formOf([
    { name: 'training_job_id', value: '20' },
    { name: 'overlay', value: 'false' },
    { name: 'file', value: image, filename: 'a.png' },
  ]);
  const headers = { 'content-type': contentType, expect: '100-continue', 'content-length': String(body.length) };
  const [head = ''] = requestBytes('POST', quickUrl, { headers }).toString('latin1').split('\r\n\r\n');
  const client = openSocket(quickUrl, `${head}\r\n\r\n`);
  await waitFor(() => client.received().includes('100 Continue'));
  for (const byte of body.subarray(0, 200)) client.write(Buffer.of(byte));
  client.write(body.subarray(200));
  await waitFor(() => client.received().includes('HTTP/1.1 200 OK') && client.received().endsWith('}'), {
    what: 'the answer',
  });
  client.socket.destroy();
});
