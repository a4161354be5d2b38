import { fail, isNestedTooDeep, jsonDepthMax } from '@lensgate/contracts';
import type { FastifyRequest } from 'fastify';
import { readBody } from './read-body.js';
import { said } from './said.js';
import { within } from './within.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a JSON body. `__proto__` keys are dropped.
 * @throws MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE, BODY_MALFORMED, REQUEST_TIMEOUT
 */
export async function readJson(request: FastifyRequest, { bodyBytesMax }: { bodyBytesMax: number }): Promise<unknown> {
  const mediaType = request.headers['content-type'] ?? '';
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(mediaType))
    throw fail('MEDIA_TYPE_UNSUPPORTED', { media_type: mediaType, accepted: 'application/json' });
  const bytes = await within(readBody(request.raw, { bodyBytesMax }), request.server.limits.jsonTimeoutMs);
  const text = textOf(bytes);
  if (isNestedTooDeep(text)) throw fail('BODY_MALFORMED', { reason: said.tooDeep(jsonDepthMax) });
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch (error) {
    throw fail('BODY_MALFORMED', { reason: (error as SyntaxError).message });
  }
}

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw fail('BODY_MALFORMED', { reason: said.notUtf8 });
  }
}
