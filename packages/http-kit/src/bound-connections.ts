import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

const wordEveryMs = 10_000;

/**
 * Accepts no more connections than may be; further ones are closed unanswered, before a byte of them is read. Kept
 * connections that wait for a next request then make room, so that visitors who have left do not keep others out.
 */
export function boundConnections(app: FastifyInstance, { connectionsMax }: { readonly connectionsMax: number }): void {
  // Node's own idea of idle counts those whose answer is still on its way.
  const idle = new Set<Socket>();
  let saidAtMs = Number.NEGATIVE_INFINITY;
  app.addHook('onRequest', async ({ raw: { socket } }, reply) => {
    idle.delete(socket);
    reply.raw.once('close', () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
  app.server.maxConnections = connectionsMax;
  app.server.on('connection', (socket: Socket) => socket.once('close', () => idle.delete(socket)));
  app.server.on('drop', () => {
    for (const socket of idle) socket.destroy();
    if (performance.now() - saidAtMs < wordEveryMs) return;
    saidAtMs = performance.now();
    app.log.warn({ connections_max: connectionsMax }, 'a connection was closed unanswered: there are too many');
  });
}
