import { waitFor } from '@lensgate/testing';
import { expect, test } from 'vitest';
import { settleV8 } from '../src/settle-v8.js';
import { buildServer, collectWhenIdle, createLogger, defineTestRoute, registerRoute } from './harness.js';

const grownBytes = 8_000_000;

test('a service at rest lets go of what its last requests have left', async () => {
  settleV8();
  const app = buildServer({
    service: 'test',
    logger: createLogger('test', 'silent'),
    guard: { hosts: [], origins: [] },
  });
  const grown = async () => Number(/^heap_grown_bytes.* (\S+)$/m.exec(await app.metrics.text())![1]);
  const seen: number[] = [];
  collectWhenIdle(app, { restMs: 20, grownBytes });
  registerRoute(app, defineTestRoute({ method: 'GET', path: '/garbage', replies: { 200: 'text' } }), async () => {
    // So much at once grows old: what is young is collected all the time.
    const garbage = Array.from({ length: 4_000_000 }, (_, index) => ({ index }));
    seen.push(await grown());
    return String(garbage.length);
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    for (const _ of [1, 2]) {
      expect((await fetch(`${url}/garbage`)).status).toBe(200);
      await waitFor(async () => (await grown()) < grownBytes, { what: 'a collection at rest' });
    }
    expect(Math.min(...seen)).toBeGreaterThan(2 * grownBytes);
  } finally {
    await app.close();
  }
});
