import { fail } from '@lensgate/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Counts the bytes of pictures that a service holds. It keeps a picture until it is answered: at the gateway another
 * replica may have to get it too, and at a worker it waits in the queue.
 */
export interface UploadsInFlight {
  readonly bytes: number;
  /**
   * @returns gives the room back; calling it twice does no harm
   * @throws UPLOADS_FULL
   */
  reserve(bytes: number): () => void;
}

export function createUploadsInFlight(bytesMax: number): UploadsInFlight {
  let held = 0;
  return {
    get bytes() {
      return held;
    },
    reserve(bytes) {
      if (held + bytes > bytesMax)
        throw fail('UPLOADS_FULL', { bytes: held, limit_bytes: bytesMax, retry_after_s: 1 }, { retryAfterS: 1 });
      held += bytes;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        held -= bytes;
      };
    },
  };
}

/**
 * Reserves room for a request's body until its answer has gone: as much as it declares, or all that it may have.
 * @throws UPLOADS_FULL
 */
export function reserveForBody(
  uploads: UploadsInFlight,
  { request, reply, bytesMax }: { request: FastifyRequest; reply: FastifyReply; bytesMax: number },
): void {
  const { headers } = request;
  const unknown = headers['transfer-encoding'] === undefined ? 0 : bytesMax;
  const release = uploads.reserve(Math.min(Number(headers['content-length'] ?? unknown), bytesMax));
  reply.raw.once('close', release);
}
