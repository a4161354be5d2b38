import { fail } from '@lensgate/contracts';
import type { FastifyRequest } from 'fastify';
import { readBody } from './read-body.js';
import { said } from './said.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a JSON body. `__proto__` keys are dropped.
 * @throws MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE, BODY_MALFORMED
 */
export async function readJson(request: FastifyRequest, { bodyBytesMax }: { bodyBytesMax: number }): Promise<unknown> {
  const mediaType = request.headers['content-type'] ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(mediaType))
    throw fail('MEDIA_TYPE_UNSUPPORTED', { media_type: mediaType, accepted: 'application/json' });
  const bytes = await readBody(request.raw, { bodyBytesMax });
  try {
    return JSON.parse(utf8.decode(bytes), (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : said.notUtf8;
    throw fail('BODY_MALFORMED', { reason });
  }
}
