import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServerLimits } from './limits.js';

interface OpenAnswer {
  readonly request: FastifyRequest;
  readonly startedAtMs: number;
}

/**
 * Ends connections whose client does not take its answer. An answer stays in memory until the client has read it, and
 * reading is the client's business: without an end to it, a few hundred clients that read nothing would fill any memory.
 * A client is cut off when it takes nothing for a while, when it has not taken the whole in a longer time, and when all
 * answers together hold more than they may: then the one that was begun first goes first.
 */
export function boundAnswers(app: FastifyInstance, limits: ServerLimits): void {
  const { answerStallMs, answerTimeoutMs, unreadBytesMax } = limits;
  /** In the order in which they were begun. */
  const open = new Map<ServerResponse, OpenAnswer>();

  const cut = ({ client, log }: FastifyRequest, reason: string) => {
    log.info({ reason }, 'a client does not take its answer');
    client?.destroy();
  };

  app.addHook('onRequest', async (request, reply) => {
    // Node's timer of a socket sees a partial write, which no public counter shows. It also runs out between two lines
    // of a slow stream, and while a pipelined request waits: a client that owes us nothing is left alone.
    reply.raw.on('timeout', () => {
      if (request.client && request.client.writableLength > 0) cut(request, 'it has taken nothing for too long');
    });
  });
  app.addHook('onSend', async (request, reply) => {
    const answer = reply.raw;
    // Sent anew when the first attempt has failed.
    if (open.has(answer)) return;
    open.set(answer, { request, startedAtMs: performance.now() });
    answer.once('close', () => open.delete(answer));
    // After the answer Node sets its own time for kept connections.
    answer.setTimeout(answerStallMs, () => undefined);
    // What this answer holds shows when it has been written.
    setImmediate(cutWhatHoldsTooMuch);
  });

  const cutWhatHoldsTooMuch = () => {
    let heldBytes = 0;
    for (const { writableLength } of open.keys()) heldBytes += writableLength;
    for (const [{ writableLength }, { request }] of open) {
      if (heldBytes <= unreadBytesMax) return;
      if (writableLength === 0) continue;
      heldBytes -= writableLength;
      cut(request, 'all answers together hold too many bytes');
    }
  };
  const cutWhatTakesTooLong = () => {
    const nowMs = performance.now();
    for (const { request, startedAtMs } of open.values())
      if (nowMs - startedAtMs > answerTimeoutMs) cut(request, 'it has not taken the whole in time');
  };
  const timer = setInterval(cutWhatTakesTooLong, Math.max(50, Math.min(5_000, answerTimeoutMs / 4)));
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
}
