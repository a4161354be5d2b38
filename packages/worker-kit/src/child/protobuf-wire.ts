import { readSync } from 'node:fs';

/** The bytes end inside a field, or contradict the protobuf encoding. `needsBytes`: file size that would be enough. */
export class WireError extends Error {
  override readonly name = 'WireError';

  constructor(
    readonly kind: 'short' | 'malformed',
    readonly needsBytes = 0,
  ) {
    super(kind);
  }
}

/** A file of which only the bytes asked for are read. */
export interface ByteSource {
  readonly bytes: number;
  byteAt(position: number): number;
  /** A copy. */
  slice(start: number, end: number): Buffer;
}

/** One field as it lies in the file; a varint or fixed value in `value`, a length-delimited one between `start` and `end`. */
export interface WireField {
  number: number;
  type: 'varint' | 'fixed' | 'bytes';
  value: number;
  start: number;
  end: number;
}

const WINDOW_BYTES = 16 * 1024;
const VARINT_BYTES_MAX = 10;

/** @param fd open for reading @param bytes its size */
export function openByteSource(fd: number, bytes: number): ByteSource {
  const window = Buffer.alloc(WINDOW_BYTES);
  let windowStart = 0;
  let windowEnd = 0;
  return {
    bytes,
    byteAt(position) {
      if (position >= windowEnd || position < windowStart) {
        if (position >= bytes) throw new WireError('short', position + 1);
        windowStart = position;
        windowEnd = position + readSync(fd, window, 0, WINDOW_BYTES, position);
        // The file shrank after it was measured.
        if (windowEnd === windowStart) throw new WireError('short', position + 1);
      }
      return window[position - windowStart]!;
    },
    slice(start, end) {
      const copy = Buffer.alloc(end - start);
      let filled = 0;
      while (filled < copy.length) {
        const got = readSync(fd, copy, filled, copy.length - filled, start + filled);
        if (got === 0) throw new WireError('short', end);
        filled += got;
      }
      return copy;
    },
  };
}

/**
 * Walks the fields of one message (protobuf.dev, "Encoding"). Contents are not touched, so that a tensor of gigabytes
 * costs as much as an empty one. Fields must end where the message ends.
 *
 * @param budget fields that may still be read in this file; shared by all messages, so that a file made of millions of
 *   empty fields ends too
 * @throws WireError
 */
export function* wireFields(
  source: ByteSource,
  message: { start: number; end: number },
  budget: { fields: number },
): Generator<WireField> {
  let at = message.start;
  const varint = (): number => {
    // Beyond 2^53 the low bits are lost; lengths and sizes that large are refused by their users.
    let value = 0;
    for (let count = 0; count < VARINT_BYTES_MAX; count++) {
      const byte = source.byteAt(at++);
      value += (byte & 0x7f) * 2 ** (7 * count);
      if (byte < 0x80) return value;
    }
    throw new WireError('malformed');
  };
  while (at < message.end) {
    if (budget.fields-- <= 0) throw new WireError('malformed');
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (number === 0 || number > 536870911) throw new WireError('malformed');
    if (wireType === 0) {
      const value = varint();
      yield { number, type: 'varint', value, start: at, end: at };
    } else {
      const isFixed = wireType === 1 || wireType === 5;
      if (!isFixed && wireType !== 2) throw new WireError('malformed');
      const length = isFixed ? (wireType === 1 ? 8 : 4) : varint();
      const end = at + length;
      if (end > message.end) throw new WireError(message.end === source.bytes ? 'short' : 'malformed', end);
      yield { number, type: isFixed ? 'fixed' : 'bytes', value: 0, start: at, end };
      at = end;
    }
  }
  if (at !== message.end) throw new WireError('malformed');
}
