import type { Readable } from 'node:stream';
import { fail, type RouteContract } from '@lensgate/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { acceptedTypes } from './accepted-types.js';
import { clientGoneSignal } from './client-gone.js';
import { parseChecked, parsed } from './parse-checked.js';
import { readJson } from './read-json.js';

type OutputOf<T, Otherwise = undefined> = T extends z.ZodType ? z.output<T> : Otherwise;

type BodyOf<R extends RouteContract> = R['body'] extends { kind: 'json'; schema: infer S }
  ? OutputOf<S>
  : R['body'] extends { kind: 'binary' }
    ? Readable
    : undefined;

type AnswerOf<T> = T extends z.ZodType ? z.output<T> : T extends 'empty' ? undefined : string;

/** What a handler may return: one of the route's answers, bytes of one, or the reply itself when it has sent it. */
export type RouteAnswer<R extends RouteContract> =
  | AnswerOf<R['replies'][keyof R['replies']]>
  | Buffer
  | Readable
  | FastifyReply;

export interface RouteInput<R extends RouteContract> {
  readonly params: OutputOf<R['params']>;
  readonly query: OutputOf<R['query']>;
  /** JSON: the parsed body. Binary: the stream. Multipart: undefined; call `readMultipart`. */
  readonly body: BodyOf<R>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Fires when the client is gone before its answer is complete. */
  readonly signal: AbortSignal;
  /** On the monotonic clock (`performance.now()`). */
  readonly arrivedAtMs: number;
}

export type RouteHandler<R extends RouteContract> = (input: RouteInput<R>) => RouteAnswer<R> | Promise<RouteAnswer<R>>;

async function bodyOf(app: FastifyInstance, contract: RouteContract, request: FastifyRequest): Promise<unknown> {
  const { body } = contract;
  if (body?.kind === 'json')
    return parseChecked(body.schema, await readJson(request, { bodyBytesMax: app.limits.jsonBytesMax }));
  if (body?.kind !== 'binary') return undefined;
  const mediaType = request.headers['content-type'] ?? '';
  if (mediaType.split(';', 1)[0]?.trim().toLowerCase() !== body.mediaType)
    throw fail('MEDIA_TYPE_UNSUPPORTED', { media_type: mediaType, accepted: acceptedTypes(body) });
  return request.raw;
}

/**
 * Serves one operation of the wire. Parameters, query and JSON body are validated here, once, with the contract's
 * schemas; the handler gets typed values and returns one of the contract's answers. The status is the contract's first
 * unless the handler chose another with `reply.code`.
 */
export function registerRoute<R extends RouteContract>(
  app: FastifyInstance,
  contract: R,
  handler: RouteHandler<R>,
): void {
  const [firstStatus = 200] = Object.keys(contract.replies).map(Number);
  app.route({
    method: contract.method,
    url: contract.path,
    config: {
      isService: contract.tag === 'service',
      routeId: contract.id,
      ...(contract.body && { acceptedTypes: acceptedTypes(contract.body) }),
    },
    handler: async (request, reply) => {
      const input = {
        params: contract.params && parsed(contract.params, request.params),
        query: contract.query && parseChecked(contract.query, request.query),
        body: await bodyOf(app, contract, request),
        request,
        reply: reply.code(firstStatus),
        signal: clientGoneSignal(reply),
        arrivedAtMs: request.arrivedAtMs,
      } as RouteInput<R>;
      const answer = await handler(input);
      // A reply that was returned becomes undefined, also when its client has left in the middle of it.
      if (answer === undefined && !reply.sent && !reply.raw.headersSent) return reply.send();
      return answer;
    },
  });
}

/** Handler of the `/metrics` route. */
export const metricsHandler =
  (app: FastifyInstance) =>
  ({ reply }: { reply: FastifyReply }): Promise<string> => {
    reply.type(app.metrics.contentType);
    return app.metrics.text();
  };
