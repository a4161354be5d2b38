import { fail } from '@lensgate/contracts';

/**
 * Counts the bytes of pictures that the gateway holds. It keeps a picture until it is answered, because another replica
 * may have to get it too.
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
