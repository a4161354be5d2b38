/** Children are started with it: without it V8's collection cannot be asked for. */
export const collectorFlag = '--expose-gc';

/**
 * Collects what has died young: the pixels and tensors of the last picture, which V8 would let pile up to 64 MB and then
 * get rid of by marking all that the child holds, on the threads that decode and run the next pictures.
 * @throws Error when this process was started without `collectorFlag`
 */
export function collectYoung(): void {
  if (!globalThis.gc) throw new Error(`a child is started with ${collectorFlag}`);
  globalThis.gc({ type: 'minor' });
}
