import { buildServer, createLogger } from '@lensgate/http-kit';
import { describe, expect, test } from 'vitest';
import { requireToken } from './worker-token.js';

async function serverWith(token: string | undefined) {
  const app = buildServer({
    service: 'test',
    logger: createLogger('test', 'silent'),
    guard: { hosts: [], origins: [] },
  });
  requireToken(app, token);
  app.get('/health', { config: { isService: true } }, () => 'ok');
  app.get('/work', () => 'done');
  await app.ready();
  return async (url: string, authorization?: string) => {
    const answer = await app.inject({
      url,
      headers: { host: 'localhost', ...(authorization ? { authorization } : {}) },
    });
    return answer.statusCode;
  };
}

describe('worker token', () => {
  test('is asked for nowhere when none is set', async () => {
    const get = await serverWith(undefined);
    expect(await get('/work')).toBe(200);
  });

  test('admits only those who send it', async () => {
    const get = await serverWith('secret');
    const tried = [undefined, 'secret', 'Bearer wrong', 'Bearer secret2', 'Bearer secret'];
    expect(await Promise.all(tried.map((authorization) => get('/work', authorization)))).toEqual([
      401, 401, 401, 401, 200,
    ]);
  });

  test('is not asked for by health', async () => {
    const get = await serverWith('secret');
    expect(await get('/health')).toBe(200);
  });

  test('is asked for before a route is said to exist or not', async () => {
    const get = await serverWith('secret');
    expect(await get('/nowhere')).toBe(401);
  });
});
