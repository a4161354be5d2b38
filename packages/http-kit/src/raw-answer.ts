import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Failure, fail, languageOf, problemOf } from '@lensgate/contracts';
import type { Logger } from 'pino';
import { problemType } from './error-reply.js';
import { requestIdFor, requestIdOf } from './request-id.js';
import { securityHeaders } from './security-headers.js';

/** What the HTTP parser's complaint means. */
function failureOfParser(error: { code?: string | undefined; reason?: string | undefined; message?: string }): Failure {
  if (error.code === 'HPE_HEADER_OVERFLOW') return fail('HEADERS_TOO_LARGE', {});
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return fail('REQUEST_TIMEOUT', {});
  return fail('REQUEST_MALFORMED', { reason: (error.reason ?? error.message ?? 'unreadable').replace(/\.$/, '') });
}

export interface RawAnswerContext {
  /** What was read of the request; none when its head could not be read. */
  readonly request: IncomingMessage | undefined;
  /** Whether a route has begun with it: its log line is then written when its connection closes, as everybody's. */
  readonly isRouted: boolean;
  readonly logger: Logger;
  readonly lingerMs: number;
}

const answeredRaw = new WeakMap<IncomingMessage, Failure>();

/** What a request was answered past its route, on the bare socket. */
export const rawAnswerTo = (request: IncomingMessage): Failure | undefined => answeredRaw.get(request);

/** An HTTP/1.1 answer as bytes, for sockets on which no request could be read to its end. */
function rawProblem(failure: Failure, requestId: string, request: IncomingMessage | undefined): Buffer {
  const language = languageOf(request?.headers['accept-language']);
  const body = Buffer.from(JSON.stringify(problemOf(failure, requestId, language)));
  const headers = {
    ...securityHeaders,
    'x-request-id': requestId,
    'content-type': problemType,
    'content-language': language,
    vary: 'accept-language',
    'content-length': String(body.length),
    date: new Date().toUTCString(),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${failure.status} ${failure.code}\r\n${lines.join('')}\r\n`), body]);
}

/**
 * Writes a problem on a socket and closes it so that the client can read the answer: our side is ended at once, the
 * other side's bytes are swallowed for a while. Closing at once with bytes unread would reset the connection.
 */
export function endWithProblem(socket: Socket, failure: Failure, context: RawAnswerContext): void {
  const { request, isRouted, logger, lingerMs } = context;
  const requestId = request ? requestIdFor(request) : requestIdOf(undefined);
  const { status, code } = failure;
  socket.end(rawProblem(failure, requestId, request));
  lingerClose(socket, lingerMs);
  if (request && isRouted) answeredRaw.set(request, failure);
  else
    logger.info(
      { request_id: requestId, method: request?.method ?? '(none)', route: '(none)', status, code },
      'request',
    );
}

/** Ends our side, then reads and drops what still comes until the client closes or the time is over. */
export function lingerClose(socket: Socket, lingerMs: number): void {
  if (socket.destroyed) return;
  if (!socket.writableEnded) socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/** Answers what the HTTP parser could not read or what came too slowly. */
export function clientErrorHandler({ logger, lingerMs }: Pick<RawAnswerContext, 'logger' | 'lingerMs'>) {
  const answered = new WeakSet<Socket>();
  return (error: NodeJS.ErrnoException & { reason?: string }, socket: Socket): void => {
    // The parser repeats its complaint for every chunk that follows.
    if (answered.has(socket)) return;
    answered.add(socket);
    const current = (socket as Socket & { _httpMessage?: ServerResponse<IncomingMessage> })._httpMessage;
    // Nobody to answer, or an answer is half written already: a second status line would corrupt it.
    if (error.code === 'ECONNRESET' || !socket.writable || current?.headersSent) {
      socket.destroy(error);
      return;
    }
    endWithProblem(socket, failureOfParser(error), { request: current?.req, isRouted: true, logger, lingerMs });
  };
}
