import type { TestDatabase } from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminKey } from './as-caller.js';
import { openDatabase, startGateway, type TestGateway } from './start-gateway.js';

let database: TestDatabase;
let gateway: TestGateway;
beforeAll(async () => {
  database = await openDatabase();
  gateway = await startGateway(database.databaseUrl, { LENSGATE_ADMIN_KEY: adminKey });
});
afterAll(async () => {
  await gateway.stop();
  await database.close();
});

const pages = ['/', '/docs/', '/docs/errors'];
const others = ['/health', '/metrics', '/openapi.json', '/nowhere', '/api/v1/training/jobs', '/api/v1/keys', '/%zz'];

test.each([...pages, ...others])(
  '%s may be framed by nobody, guessed by no browser, and leaks no address',
  async (path) => {
    const { headers } = await fetch(gateway.url + path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': expect.stringMatching(/default-src '(none|self)'.*frame-ancestors 'none'/),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  },
);

describe.each(pages)('the policy of %s', (path) => {
  test('admits no script but files of this gateway, sends no form away and loads nothing from elsewhere', async () => {
    const policy = (await fetch(gateway.url + path)).headers.get('content-security-policy') ?? '';
    const directives = new Map(
      policy.split(';').map((directive) => {
        const [name = '', ...sources] = directive.trim().split(/\s+/);
        return [name, sources];
      }),
    );
    const scripts = directives.get('script-src') ?? directives.get('default-src') ?? ['missing'];
    expect(scripts.filter((source) => !["'self'", "'none'"].includes(source))).toEqual([]);
    expect([...directives.values()].flat().filter((source) => /https?:|\*/.test(source))).toEqual([]);
    const forms = directives.get('form-action');
    if (path !== '/docs/errors') expect([forms, directives.get('base-uri')]).toEqual([["'none'"], ["'none'"]]);
  });
});

test('answers of the API are kept by no cache', async () => {
  const authorization = `Bearer ${adminKey}`;
  const answers = await Promise.all([
    fetch(`${gateway.api}/training/jobs`, { headers: { authorization } }),
    fetch(`${gateway.api}/training/jobs`),
  ]);
  expect(answers.map(({ status, headers }) => [status, headers.get('cache-control')])).toEqual([
    [200, 'no-store'],
    [401, 'no-store'],
  ]);
});
