import { setFlagsFromString } from 'node:v8';

/**
 * How V8 collects in gateway, workers and children; docs/adr/0011-collect-less-often.md has the reasons and figures.
 *
 * The first flag is how far the heap may grow before the whole of it is collected again, pictures' buffers counted. By
 * itself V8 learns from a service that makes little garbage of its own to collect after every few megabytes, and a picture
 * is that many. Another rule of V8's, at most 64 MB of buffers between two collections, still holds and bounds the memory.
 *
 * The second puts off, for weeks, the collections by which V8 makes the heap of a resting process smaller: 8 seconds after
 * the last request they throw away most of the code that it has compiled, since no object of a request lives any more, and
 * the next hundreds of requests take twice the processor time.
 */
export const collectionFlags = ['--heap-growing-percent=300', '--gc-memory-reducer-start-delay-ms=2000000000'];

/**
 * Sets `collectionFlags` for this process. It must come before the process loads its code, of which there is enough for
 * V8's first collection: after that one V8 11 counts its 8 seconds again and again, whatever the flag says.
 */
export function settleV8(): void {
  for (const flag of collectionFlags) setFlagsFromString(flag);
}
