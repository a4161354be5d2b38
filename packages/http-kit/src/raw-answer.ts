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
 * @param request what was read of it; undefined when its head could not be read
 * @returns the id that it was answered under
 */
export function endWithProblem(
  socket: Socket,
  failure: Failure,
  { request, lingerMs }: { request: IncomingMessage | undefined; lingerMs: number },
): { requestId: string } {
  const requestId = request ? requestIdFor(request) : requestIdOf(undefined);
  socket.end(rawProblem(failure, requestId, request));
  lingerClose(socket, lingerMs);
  return { requestId };
}

/** The log line of a request that no route has seen; as much as is known of it. */
export function logUnrouted(logger: Logger, { status, code }: Failure, { requestId }: { requestId: string }): void {
  logger.info({ request_id: requestId, method: '(none)', route: '(none)', status, code }, 'request');
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

type ParserError = NodeJS.ErrnoException & { readonly reason?: string };

/** Answers what the HTTP parser could not read or what came too slowly. */
export function clientErrorHandler({ logger, lingerMs }: { logger: Logger; lingerMs: number }) {
  const answered = new WeakSet<Socket>();
  const answer = (error: ParserError, socket: Socket): void => {
    const current = (socket as Socket & { _httpMessage?: ServerResponse<IncomingMessage> | null })._httpMessage;
    // Whole requests came before the faulty one: theirs is the next answer, and not this.
    if (current?.req.complete && socket.writable) current.once('close', () => answer(error, socket));
    // Nobody to answer, or an answer is half written already: a second status line would corrupt it.
    else if (error.code === 'ECONNRESET' || !socket.writable || current?.headersSent) socket.destroy(error);
    else answerNow(error, socket, current);
  };
  const answerNow = (
    error: ParserError,
    socket: Socket,
    current: ServerResponse<IncomingMessage> | null | undefined,
  ): void => {
    const failure = failureOfParser(error);
    const answeredAs = endWithProblem(socket, failure, { request: current?.req, lingerMs });
    if (!current) logUnrouted(logger, failure, answeredAs);
    // Its route writes the line when the connection closes. One that ended before the body did is most likely gone.
    else if (error.code !== 'HPE_INVALID_EOF_STATE') answeredRaw.set(current.req, failure);
  };
  return (error: ParserError, socket: Socket): void => {
    // The parser repeats its complaint for every chunk that follows.
    if (answered.has(socket)) return;
    answered.add(socket);
    answer(error, socket);
  };
}
