import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { buildServer, createLogger } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addWebPage } from './web-page.js';

let webDir: string;
let app: FastifyInstance;
const logger = createLogger('gateway', 'silent');
const host = 'localhost';

beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), 'lensgate-panel-'));
  await mkdir(join(webDir, 'assets'));
  await writeFile(join(webDir, 'index.html'), '<!doctype html><title>panel</title>');
  await writeFile(join(webDir, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(webDir, '.stamp'), 'of the build');
  await writeFile(join(webDir, 'assets/index-a1b2.js'), 'export {};');
  await writeFile(join(webDir, 'assets/index-a1b2.js.br'), brotliCompressSync('export {};'));
  await writeFile(join(webDir, 'assets/index-a1b2.js.gz'), gzipSync('export {};'));
});
afterAll(() => rm(webDir, { recursive: true, force: true }));
afterEach(() => app.close());

const serving = async (folder: string) => {
  app = buildServer({ service: 'gateway', logger, guard: { hosts: [], origins: [] } });
  await addWebPage(app, { webDir: folder, logger });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (url: string) => app.inject({ url, headers: { host } });
};

test('the page is asked for anew each time, under a policy without inline code', async () => {
  const get = await serving(webDir);
  for (const url of ['/', '/index.html']) {
    const { statusCode, headers, body } = await get(url);
    expect([statusCode, headers['cache-control'], body]).toEqual([200, 'no-cache', expect.stringContaining('panel')]);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
  }
});

test('an unchanged page is not sent again', async () => {
  await serving(webDir);
  const { etag } = (await app.inject({ url: '/', headers: { host } })).headers;
  const again = await app.inject({ url: '/', headers: { host, 'if-none-match': String(etag) } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

test('files with a hash in their name are cached for good, others are asked for', async () => {
  const get = await serving(webDir);
  expect((await get('/assets/index-a1b2.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect((await get('/icon.svg')).headers).toMatchObject({
    'cache-control': 'no-cache',
    'content-type': 'image/svg+xml',
  });
});

test.each([
  { takes: 'gzip, deflate, br', sent: 'br', read: brotliDecompressSync },
  { takes: 'gzip', sent: 'gzip', read: gunzipSync },
  { takes: 'identity', sent: undefined, read: (bytes: Buffer) => bytes },
])('a script is sent compressed as the browser takes it: $takes', async ({ takes, sent, read }) => {
  await serving(webDir);
  const url = '/assets/index-a1b2.js';
  const { headers, rawPayload } = await app.inject({ url, headers: { host, 'accept-encoding': takes } });
  expect(headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': expect.stringContaining('javascript'),
    vary: expect.stringMatching(/accept-encoding/i),
  });
  expect(headers['content-encoding']).toBe(sent);
  expect(read(rawPayload).toString()).toBe('export {};');
});

test.each([
  '/assets/index-a1b2.js.br',
  '/assets/none.js',
  '/.stamp',
  '/assets/',
  '/..%2fpackage.json',
  '/%2e%2e/package.json',
])('a path that is no file of the panel is a problem document: %s', async (url) => {
  const get = await serving(webDir);
  const { statusCode, headers } = await get(url);
  expect([statusCode, headers['content-type']]).toEqual([404, 'application/problem+json']);
});

test('without a built panel the root leads to the documentation', async () => {
  const get = await serving(join(webDir, 'missing'));
  const { statusCode, headers } = await get('/');
  expect([statusCode, headers.location]).toEqual([302, '/docs']);
});
