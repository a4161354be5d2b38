import { setFlagsFromString } from 'node:v8';

/**
 * How far V8's heap may grow before the whole of it is collected again, pictures' buffers counted.
 *
 * By itself V8 learns from a service that makes little garbage of its own to collect after every few megabytes, and a
 * picture is that many: all that lives in the heap is then marked again for every seventh request, on cores that the
 * models need. Another rule of V8's, at most 64 MB of buffers between two collections, still holds and bounds the memory.
 * `npm run bench -- gateway-overhead` shows the difference.
 */
export const heapGrowthFlag = '--heap-growing-percent=300';

/** Sets `heapGrowthFlag` for this process. */
export const growHeapFreely = (): void => setFlagsFromString(heapGrowthFlag);
