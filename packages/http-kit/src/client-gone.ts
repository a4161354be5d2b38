import type { FastifyReply } from 'fastify';

/**
 * Fires when the client's connection ends before its answer was written completely. It watches the answer, not the
 * request: a keep-alive connection outlives requests, and a request is "closed" as soon as its body has been read.
 */
export function clientGoneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const answer = reply.raw;
  if (answer.destroyed && !answer.writableFinished) controller.abort();
  else
    answer.once('close', () => {
      if (!answer.writableFinished) controller.abort();
    });
  return controller.signal;
}
