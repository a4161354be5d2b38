import { Failure, fail, type Language, languageOf, problemOf } from '@lensgate/contracts';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { said } from './said.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the problem that was answered; goes into the log line. Set it when an answer is passed on unread. */
    problemCode: string | null;
  }
}

export const problemType = 'application/problem+json';

/** What a thrown value means to the caller: failures as they are, Fastify's own errors by their code, else INTERNAL. */
export function failureOf(
  error: unknown,
  request?: Pick<FastifyRequest, 'headers' | 'method' | 'url'> & Partial<Pick<FastifyRequest, 'routeOptions'>>,
): Failure {
  if (error instanceof Failure) return error;
  const { code = '', statusCode = 500 } = error as Partial<FastifyError>;
  // Of the file system: the disk, the account's share of it, the process's share.
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return fail('DISK_FULL', {});
  const mediaType = String(request?.headers['content-type'] ?? '');
  if (code === 'FST_ERR_BAD_URL') return fail('REQUEST_MALFORMED', { reason: said.badPath });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const accepted = request?.routeOptions?.config.acceptedTypes ?? said.readableType;
    return fail('MEDIA_TYPE_UNSUPPORTED', { media_type: mediaType, accepted });
  }
  if (statusCode === 404 || statusCode === 414 || (statusCode === 403 && request?.method === 'GET'))
    return fail('ROUTE_NOT_FOUND', { method: request?.method ?? '', path: pathOf(request?.url ?? '') });
  if (statusCode >= 400 && statusCode < 500)
    return fail('REQUEST_MALFORMED', { reason: (error as Error).message.replace(/\.$/, '') });
  return fail('INTERNAL', {});
}

/** The path alone: query strings may carry secrets. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

/** Answers a thrown value as a problem document; what is not meant for the caller goes to the log, with its stack. */
export function replyError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = failureOf(error, request);
  if (failure.code === 'INTERNAL') request.log.error({ err: error }, 'unexpected error');
  if (failure.code === 'DISK_FULL') request.log.error({ err: error }, 'the disk is full');
  return replyFailure(failure, request, reply);
}

export function replyFailure(failure: Failure, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.problemCode = failure.code;
  // RFC 9110 demands a challenge with every 401.
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer');
  if (failure.extras.retryAfterS !== undefined) reply.header('retry-after', String(failure.extras.retryAfterS));
  const language = languageFor(request);
  varyByLanguage(reply);
  return (
    reply
      .code(failure.status)
      .header('x-request-id', request.id)
      .header('content-type', problemType)
      .header('content-language', language)
      // Bytes, because Fastify appends a charset to JSON types of text, which RFC 9457 does not define.
      .send(Buffer.from(JSON.stringify(problemOf(failure, request.id, language))))
  );
}

/** The language in which the caller wants to be told of problems. */
export const languageFor = ({ headers }: Pick<FastifyRequest, 'headers'>): Language =>
  languageOf(headers['accept-language']);

/** Says that an answer may differ by language, beside what it differs by already. */
export function varyByLanguage(reply: FastifyReply): void {
  const names = [reply.getHeader('vary') ?? []].flat().join(', ');
  if (/\baccept-language\b/i.test(names)) return;
  reply.header('vary', names === '' ? 'accept-language' : `${names}, accept-language`);
}
