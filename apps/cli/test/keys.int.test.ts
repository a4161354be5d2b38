import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ApiKey, CreatedApiKey } from '@lensgate/contracts';
import { call, rootDir, type StartedGateway, startGateway, type TestDatabase, testDatabase } from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const adminKey = 'the-admin-key-of-this-test-0123456789';
let database: TestDatabase;
let gateway: StartedGateway;
beforeAll(async () => {
  database = await testDatabase.open();
  gateway = await startGateway({ databaseUrl: database.databaseUrl, env: { LENSGATE_ADMIN_KEY: adminKey } });
});
afterAll(async () => {
  await gateway.close();
  await database.close();
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command as `npx` runs it: what npm has linked. */
const linked = join(rootDir, 'node_modules/.bin/lensgate');
const lensgate = (words: string[], env: Record<string, string> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const all = { PATH: process.env.PATH, LENSGATE_URL: gateway.url, LENSGATE_ADMIN_KEY: adminKey, ...env };
    execFile(linked, words, { env: all }, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });

const statusWith = async (key: string) =>
  (await call(`${gateway.url}/api/v1/training/jobs`, { headers: { authorization: `Bearer ${key}` } })).status;

test('a key is made, works, is listed, and works no more when it is revoked', async () => {
  const made = await lensgate([
    'keys',
    'create',
    '--name',
    '정문 카메라',
    '--owner',
    'plant',
    '--scope',
    'manage',
    '--quota',
    '60',
  ]);
  expect(made.code, made.err).toBe(0);
  const key = made.out.trim();
  const id = key.slice(0, 15);
  expect(key).toMatch(/^lg_\w{12}_\w{32}$/);
  expect(made.err).toContain(`Made ${id} of owner "plant" for manage.`);
  expect(await statusWith(key)).toBe(200);

  const listed = await lensgate(['keys', 'list']);
  const line = listed.out.split('\n').find((each) => each.startsWith(id));
  expect(line).toMatch(/정문 카메라 +plant +manage +60 +(never|\d{4}-\S+ \d\d:\d\d) +valid$/);
  expect(listed.out + listed.err).not.toContain(key.slice(-32));

  expect(await lensgate(['keys', 'revoke', id])).toEqual({ code: 0, out: '', err: `Revoked ${id}.\n` });
  expect(await statusWith(key)).toBe(401);
  expect((await lensgate(['keys', 'list'])).out).toMatch(new RegExp(`${id} .* revoked \\d{4}-`));
});

test('--json answers JSON and nothing else', async () => {
  const made = await lensgate(['keys', 'create', '--json', '--name', 'a', '--expires', '2999-01-31T00:00:00Z']);
  const created = CreatedApiKey.parse(JSON.parse(made.out));
  expect(created).toMatchObject({ name: 'a', owner: 'default', scopes: ['infer'], quota_per_minute: null });
  const listed = z.array(ApiKey).parse(JSON.parse((await lensgate(['keys', 'list', '--json'])).out));
  expect(listed.map(({ id }) => id)).toContain(created.id);
  const revoked = await lensgate(['keys', 'revoke', '--json', created.id]);
  expect(JSON.parse(revoked.out)).toEqual({ id: created.id, revoked: true });
  expect([made.err, revoked.err]).toEqual(['', '']);
});

test('every page of a long list is shown', async () => {
  const authorization = `Bearer ${adminKey}`;
  for (let count = 0; count < 103; count += 1)
    await call(`${gateway.url}/api/v1/keys`, {
      method: 'POST',
      json: { name: `k${count}` },
      headers: { authorization },
    });
  const { out } = await lensgate(['keys', 'list']);
  for (const name of ['k0', 'k102']) expect(out).toMatch(new RegExp(`^lg_\\w{12}  ${name} `, 'm'));
});

test.each([
  [['keys', 'create'], '--name'],
  [['keys', 'create', '--name', 'a', '--scope', 'everything'], '--scope'],
  [['keys', 'create', '--name', 'a', '--quota', 'many'], '--quota'],
  [['keys', 'create', '--name', 'a', '--expires', 'soon'], '--expires'],
  [['keys', 'create', '--name', 'a', '--expires', '2020-01-31T00:00:00Z'], '--expires: must lie in the future.'],
  [['keys', 'create', '--name', 'a', '--colour', 'red'], '--colour'],
  [['keys', 'create', '--name', 'a', 'more'], 'no more words'],
  [['keys', 'revoke'], 'id'],
  [['keys', 'revoke', 'lg_000000000000_not-an-id'], '12 letters'],
  [['keys', 'turn'], 'keys turn'],
  [['keys'], 'keys'],
  [['cats'], 'cats'],
  [['keys', 'list', '--url', 'ftp://x'], 'ftp://x'],
])('what is not understood is said in words with exit code 2: %j', async (words, said) => {
  const { code, out, err } = await lensgate(words);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^lensgate: .*\.\n$/);
  expect(err).toContain(said);
});

test('what cannot be sent is not sent, and no secret is repeated', async () => {
  const key = await lensgate(['keys', 'list'], { LENSGATE_ADMIN_KEY: '비밀-admin-key-0123456789-0123456789' });
  expect([key.code, key.err]).toEqual([2, expect.stringContaining('LENSGATE_ADMIN_KEY must be printable ASCII')]);
  const url = await lensgate(['keys', 'list', '--url', 'http://user:hush@127.0.0.1:9']);
  expect([url.code, url.err]).toEqual([2, expect.stringContaining('no name and no password')]);
  for (const { out, err } of [key, url]) expect(out + err).not.toMatch(/비밀|hush/);
});

test('a refusal, and a gateway that is away, are said in words with exit code 1', async () => {
  const unknown = await lensgate(['keys', 'revoke', 'lg_000000000000']);
  expect(unknown).toMatchObject({ code: 1, out: '' });
  expect(unknown.err).toMatch(/^lensgate: There is no key lg_000000000000\. \(KEY_NOT_FOUND, request \S+\)\n$/);

  const wrong = await lensgate(['keys', 'list'], { LENSGATE_ADMIN_KEY: 'another-admin-key-0123456789-0123456789' });
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('does not know this LENSGATE_ADMIN_KEY')]);
  expect(wrong.err).not.toContain('another-admin-key');
  const none = await lensgate(['keys', 'list'], { LENSGATE_ADMIN_KEY: '' });
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('set LENSGATE_ADMIN_KEY')]);

  const away = await lensgate(['keys', 'list', '--url', 'http://127.0.0.1:9']);
  expect([away.code, away.err]).toEqual([
    1,
    expect.stringMatching(/^lensgate: http:\/\/127.0.0.1:9 cannot be reached: /),
  ]);
  const elsewhere = await lensgate(['keys', 'list', '--url', `${gateway.url}/docs`]);
  expect([elsewhere.code, elsewhere.err]).toEqual([1, expect.stringMatching(/^lensgate: There is no GET /)]);
});

test('without words, and with --help, it says what it can do', async () => {
  for (const words of [[], ['--help'], ['keys', '--help'], ['keys', 'create', '-h']]) {
    const { code, out } = await lensgate(words);
    expect(code).toBe(0);
    for (const said of ['keys create', 'keys list', 'keys revoke', 'LENSGATE_ADMIN_KEY', 'Exit codes'])
      expect(out).toContain(said);
  }
});
