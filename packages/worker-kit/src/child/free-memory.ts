/** `ArrayBuffer.prototype.transfer` is behind this flag of V8's in Node 20; later versions have it, and no such flag. */
export const transferFlags: readonly string[] =
  Number(process.versions.node.split('.')[0]) < 21 ? ['--harmony-rab-gsab-transfer'] : [];

/**
 * Gives the memory of pixels and tensors back now: V8 would let up to 64 MB of them pile up, and then mark all that the
 * heap holds, on the cores that decode and run the next pictures. The arrays are empty afterwards. A view of a part is left
 * alone, since others may stand on the rest; so is all where this process was started without `transferFlags`.
 * @param arrays that nobody reads any more, no native code on another thread either
 */
export function freeMemory(...arrays: readonly ArrayBufferView[]): void {
  for (const { buffer, byteLength } of arrays) {
    if (!(buffer instanceof ArrayBuffer) || byteLength === 0 || byteLength !== buffer.byteLength) continue;
    buffer.transfer?.(0);
  }
}
