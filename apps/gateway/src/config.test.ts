import { parseConfig } from '@lensgate/http-kit';
import { expect, test } from 'vitest';
import { GatewayConfig } from './config.js';

const read = (env: Record<string, string>) => parseConfig(GatewayConfig, { DATABASE_URL: 'postgres://x', ...env });
const faults = (env: Record<string, string>) => read(env).error?.issues.map(({ path }) => path.join('.'));

test('defaults serve this machine only', () => {
  expect(read({}).data).toMatchObject({
    host: '127.0.0.1',
    port: 8000,
    uploadBytesMax: 33_554_432,
    deadlineMs: 300_000,
    hosts: [],
    origins: [],
    services: { timm: ['http://127.0.0.1:8001'], fallback: ['http://127.0.0.1:8001'] },
  });
});

test('only loopback addresses are local', () => {
  for (const HOST of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
    expect(read({ HOST }).data?.isLocal, HOST).toBe(true);
  for (const HOST of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'example.org'])
    expect(read({ HOST }).data?.isLocal, HOST).toBe(false);
});

test('an admin key that could be guessed is refused', () => {
  expect(faults({ LENSGATE_ADMIN_KEY: 'secret' })).toEqual(['LENSGATE_ADMIN_KEY']);
  expect(faults({ LENSGATE_ADMIN_KEY: 'thirty-two letters with a space in' })).toEqual(['LENSGATE_ADMIN_KEY']);
  expect(read({ LENSGATE_ADMIN_KEY: 'a'.repeat(32) }).data?.adminKey).toBe('a'.repeat(32));
});

test('a database that is none is told by its variable, without repeating what may hold a password', () => {
  for (const DATABASE_URL of ['mysql://u:hidden@x/y', 'hidden', 'postgresql://u:hid#den@host/x', 'host:5432/hidden']) {
    const issues = read({ DATABASE_URL }).error?.issues ?? [];
    expect(issues.map(({ path }) => path[0])).toEqual(['DATABASE_URL']);
    expect(JSON.stringify(issues.map(({ message }) => message))).not.toMatch(/hid/);
  }
  for (const DATABASE_URL of ['postgres://u:p%23@h/x?sslmode=require', 'postgresql:///x?host=/var/run/postgresql'])
    expect(read({ DATABASE_URL }).data?.databaseUrl).toBe(DATABASE_URL);
});

test('all faults are told at once', () => {
  const env = { DATABASE_URL: '', PORT: '99999', TIMM_SERVICE_URL: 'worker:8001', UPLOAD_BYTES_MAX: '32MiB' };
  expect(
    parseConfig(GatewayConfig, env)
      .error?.issues.map(({ path }) => path[0])
      .sort(),
  ).toEqual(['DATABASE_URL', 'PORT', 'TIMM_SERVICE_URL', 'UPLOAD_BYTES_MAX']);
});

test('replicas are comma-separated, an empty variable counts as not set, * admits all', () => {
  const { data } = read({ TIMM_SERVICE_URL: 'http://a:1, http://b:2', HOST: '', ALLOWED_HOSTS: '*' });
  expect(data).toMatchObject({ services: { timm: ['http://a:1', 'http://b:2'] }, host: '127.0.0.1', hosts: 'any' });
});
