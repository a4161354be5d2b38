import type { FastifyInstance } from 'fastify';
import type { ServerLimits } from './limits.js';
import { lingerClose } from './raw-answer.js';

/**
 * Makes refusals readable while the client still sends. Node closes a connection with unread bytes by a reset, which
 * throws away the answer that the client has not read yet. So the answer is sent at once and the rest of the body is
 * swallowed, bounded in bytes and time; a larger rest ends with a half-close.
 */
export function drainRefusedBodies(app: FastifyInstance, limits: ServerLimits): void {
  app.addHook('onSend', async (request, reply) => {
    const incoming = request.raw;
    const socket = request.client;
    if (!socket || incoming.complete || socket.destroyed) return;
    const mustClose = [incoming.headers.connection, reply.getHeader('connection')].includes('close');
    // Without this Node itself destroys the socket after the answer when either side asked for `close`.
    reply.header('connection', 'keep-alive');
    reply.raw.once('finish', () => {
      incoming.unpipe();
      if (incoming.complete || socket.destroyed) {
        if (mustClose) lingerClose(socket, limits.lingerMs);
        else incoming.resume();
        return;
      }
      const startBytes = socket.bytesRead;
      const deadlineAtMs = performance.now() + limits.drainBodyTimeoutMs;
      // Polled on the socket: Node drops the bodies of requests that nobody has read without any event.
      const timer = setInterval(() => {
        if (socket.bytesRead - startBytes <= limits.drainBytesMax && performance.now() < deadlineAtMs) return;
        stop();
        lingerClose(socket, limits.lingerMs);
      }, 25);
      const onEnd = () => {
        stop();
        if (mustClose) lingerClose(socket, limits.lingerMs);
      };
      const stop = () => {
        clearInterval(timer);
        incoming.off('end', onEnd).off('close', stop);
      };
      incoming.on('end', onEnd).on('close', stop);
      incoming.resume();
    });
  });
}
