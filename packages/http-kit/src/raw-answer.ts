import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Failure, fail, problemOf } from '@lensgate/contracts';
import { problemType } from './error-reply.js';
import { requestIdOf } from './request-id.js';
import { securityHeaders } from './security-headers.js';

/** What the HTTP parser's complaint means. */
function failureOfParser(error: { code?: string | undefined; reason?: string | undefined; message?: string }): Failure {
  if (error.code === 'HPE_HEADER_OVERFLOW') return fail('HEADERS_TOO_LARGE', {});
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return fail('REQUEST_TIMEOUT', {});
  return fail('REQUEST_MALFORMED', { reason: (error.reason ?? error.message ?? 'unreadable').replace(/\.$/, '') });
}

/** An HTTP/1.1 answer as bytes, for sockets on which no request could be read. */
function rawProblem(failure: Failure, reason: string): Buffer {
  const requestId = requestIdOf(undefined);
  const body = Buffer.from(JSON.stringify(problemOf(failure, requestId)));
  const headers = {
    ...securityHeaders,
    'x-request-id': requestId,
    'content-type': problemType,
    'content-length': String(body.length),
    date: new Date().toUTCString(),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${failure.status} ${reason}\r\n${lines.join('')}\r\n`), body]);
}

/**
 * Writes a problem on a socket and closes it so that the client can read the answer: our side is ended at once, the
 * other side's bytes are swallowed for a while. Closing at once with bytes unread would reset the connection.
 */
export function endWithProblem(socket: Socket, failure: Failure, lingerMs: number): void {
  socket.end(rawProblem(failure, failure.code));
  lingerClose(socket, lingerMs);
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
export function clientErrorHandler(lingerMs: number) {
  const answered = new WeakSet<Socket>();
  const answer = (error: ParserError, socket: Socket): void => {
    const current = (socket as Socket & { _httpMessage?: ServerResponse<IncomingMessage> | null })._httpMessage;
    // Whole requests came before the faulty one: theirs is the next answer, and not this.
    if (current?.req.complete && socket.writable) current.once('close', () => answer(error, socket));
    // Nobody to answer, or an answer is half written already: a second status line would corrupt it.
    else if (error.code === 'ECONNRESET' || !socket.writable || current?.headersSent) socket.destroy(error);
    else endWithProblem(socket, failureOfParser(error), lingerMs);
  };
  return (error: ParserError, socket: Socket): void => {
    // The parser repeats its complaint for every chunk that follows.
    if (answered.has(socket)) return;
    answered.add(socket);
    answer(error, socket);
  };
}
