import { garbageCollector } from '@lensgate/http-kit/v8';

/** Less than this is left to V8. */
const bytesWorthCollecting = 4 * 2 ** 20;

/**
 * A function that frees the buffers of pictures that are done, to be told of each when its answer has been written.
 *
 * A decoded picture is many megabytes, and V8 only knows that it may go after a collection. Left alone, V8 starts a whole
 * one at 64 MB of them, every tenth frame of a camera, on threads that then take the cores from the next pictures; and
 * what is freed late goes back to the system and has to come from there again, page by page. A collection of what is new
 * takes less than a millisecond and finds them all.
 */
export function pictureFreer(): (decodedBytes: number) => void {
  const { collectNew } = garbageCollector();
  let lyingAroundBytes = 0;
  return (decodedBytes) => {
    lyingAroundBytes += decodedBytes;
    if (lyingAroundBytes < bytesWorthCollecting) return;
    collectNew();
    lyingAroundBytes = 0;
  };
}
