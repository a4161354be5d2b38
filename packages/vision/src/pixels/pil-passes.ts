import { pilPassesWasm } from '../generated/pil-passes-wasm.js';
import type { RgbImage } from './image.js';
import type { Weights } from './pil-weights.js';

/** What `simd/pil-passes.ts` exports: addresses and lengths are in bytes. */
interface Kernels {
  across(
    source: number,
    sourceRowBytes: number,
    rows: number,
    table: number,
    entryBytes: number,
    target: number,
    targetWidth: number,
  ): void;
  down(
    source: number,
    firstRow: number,
    rowBytes: number,
    entry: number,
    entryBytes: number,
    target: number,
    targetRows: number,
  ): void;
}

/** The part of the global that is used here; neither the language's types nor Node's of version 20 know it. */
declare const WebAssembly: {
  readonly Memory: new (options: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const pageBytes = 65_536;
/** Pictures go through the kernels' memory in strips of about this size, which stay in a core's cache. */
const stripBytes = 262_144;
/** Kernels read and write whole vectors: up to this much past the end of the last row. */
const slackBytes = 16;
/** What fits into this is done in memory that stays; WebAssembly never gives memory back. */
const keptBytes = 4_194_304;

interface Engine {
  readonly kernels: Kernels;
  readonly memory: Uint8Array;
}

let compiled: object | undefined;
let kept: Engine | undefined;

/**
 * Kernels with room for so many bytes; more than usual in memory of their own, which V8 collects. Compiled when first
 * used: programs that resize nothing load this file too, and browsers may not allow it.
 */
function engineFor(bytes: number): Engine {
  if (bytes > keptBytes) return newEngine(bytes);
  kept ??= newEngine(keptBytes);
  return kept;
}

function newEngine(bytes: number): Engine {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(pilPassesWasm), (letter) => letter.charCodeAt(0)));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { kernels: exports as Kernels, memory: new Uint8Array(memory.buffer) };
}

/** Resizes each row of a picture. */
export function resizeAcross({ width, height, data }: RgbImage, weights: Weights): RgbImage {
  const targetWidth = weights.first.length;
  const rowBytes = width * 3;
  const targetRowBytes = targetWidth * 3;
  const table = tableOf(weights, 4);
  const rowsAtOnce = Math.min(height, Math.max(1, Math.floor(stripBytes / Math.max(rowBytes, targetRowBytes))));
  const { kernels, bytes, tableAt, sourceAt, targetAt } = regions(
    table,
    rowsAtOnce * rowBytes,
    rowsAtOnce * targetRowBytes,
  );
  const result = new Uint8Array(targetRowBytes * height);
  for (let y = 0; y < height; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - y);
    bytes.set(data.subarray(y * rowBytes, (y + rows) * rowBytes), sourceAt);
    kernels.across(sourceAt, rowBytes, rows, tableAt, table.entryBytes, targetAt, targetWidth);
    result.set(bytes.subarray(targetAt, targetAt + rows * targetRowBytes), y * targetRowBytes);
  }
  return { width: targetWidth, height, data: result };
}

/** Resizes each column of a picture. */
export function resizeDown({ width, data }: RgbImage, weights: Weights): RgbImage {
  const { first } = weights;
  const height = first.length;
  const rowBytes = width * 3;
  const table = tableOf(weights, 2);
  const strips = stripsOf(weights, stripBytes / rowBytes);
  // The second row of a step that has but one is read as well.
  const sourceRows = 1 + strips.reduce((most, { from, end }) => Math.max(most, end - first[from]!), 0);
  const targetRows = strips.reduce((most, { from, to }) => Math.max(most, to - from), 0);
  const { kernels, bytes, tableAt, sourceAt, targetAt } = regions(table, sourceRows * rowBytes, targetRows * rowBytes);
  const result = new Uint8Array(rowBytes * height);
  for (const { from, to, end } of strips) {
    const firstRow = first[from]!;
    const entryAt = tableAt + from * table.entryBytes;
    bytes.set(data.subarray(firstRow * rowBytes, end * rowBytes), sourceAt);
    kernels.down(sourceAt, firstRow, rowBytes, entryAt, table.entryBytes, targetAt, to - from);
    result.set(bytes.subarray(targetAt, targetAt + (to - from) * rowBytes), from * rowBytes);
  }
  return { width, height, data: result };
}

interface Table {
  readonly ints: Int32Array;
  readonly entryBytes: number;
}

/**
 * The weights as the kernels read them. An entry for each target pixel: first source pixel, number of steps, then the
 * steps. A step is one or two pairs of taps; a pair is two 16-bit words of the weights' upper bits, then two of their
 * lower eleven. Taps that fill the last step up weigh nothing.
 */
function tableOf({ stride, first, count, values }: Weights, tapsPerStep: 2 | 4): Table {
  const entryInts = 2 + Math.ceil(stride / tapsPerStep) * tapsPerStep;
  const ints = new Int32Array(first.length * entryInts);
  for (let i = 0; i < first.length; i++) {
    const at = i * entryInts;
    const taps = count[i]!;
    ints[at] = first[i]!;
    ints[at + 1] = Math.ceil(taps / tapsPerStep);
    for (let k = 0; k < taps; k += 2) {
      const weight = values[i * stride + k]!;
      const second = k + 1 < taps ? values[i * stride + k + 1]! : 0;
      ints[at + 2 + k] = ((weight >> 11) & 0xffff) | ((second >> 11) << 16);
      ints[at + 3 + k] = (weight & 0x7ff) | ((second & 0x7ff) << 16);
    }
  }
  return { ints, entryBytes: entryInts * Int32Array.BYTES_PER_ELEMENT };
}

/** Target rows that are made at once, and the end of the source rows they are made of. */
interface Strip {
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** @returns strips of at least one target row, and of no more than `rowsMax` in source and target where that is possible */
function stripsOf({ first, count }: Weights, rowsMax: number): Strip[] {
  const strips: Strip[] = [];
  for (let from = 0; from < first.length; ) {
    let to = from + 1;
    let end = first[from]! + count[from]!;
    for (; to < first.length && to - from + 1 <= rowsMax; to++) {
      const nextEnd = Math.max(end, first[to]! + count[to]!);
      if (nextEnd - first[from]! > rowsMax) break;
      end = nextEnd;
    }
    strips.push({ from, to, end });
    from = to;
  }
  return strips;
}

/** Lays the kernels' memory out for a call, and puts the table there. */
function regions(table: Table, sourceBytes: number, targetBytes: number) {
  const tableAt = 0;
  const sourceAt = tableAt + table.ints.byteLength;
  const targetAt = sourceAt + sourceBytes + slackBytes;
  const { kernels, memory: bytes } = engineFor(targetAt + targetBytes + slackBytes);
  bytes.set(new Uint8Array(table.ints.buffer), tableAt);
  return { kernels, bytes, tableAt, sourceAt, targetAt };
}
