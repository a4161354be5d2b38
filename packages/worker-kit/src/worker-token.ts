import { createHash, timingSafeEqual } from 'node:crypto';
import { fail } from '@lensgate/contracts';
import type { FastifyInstance } from 'fastify';

/** Digests have one length, so the comparison takes the same time whatever was sent. */
const digest = (text: string) => createHash('sha256').update(text).digest();

/** With a token set, only callers that send it get more than health, ready and metrics. */
export function requireToken(app: FastifyInstance, token: string | undefined): void {
  if (token === undefined) return;
  const expected = digest(`Bearer ${token}`);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.isService) return;
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) throw fail('KEY_REQUIRED', {});
  });
}
