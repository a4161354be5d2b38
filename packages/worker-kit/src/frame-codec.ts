import type { Writable } from 'node:stream';

/**
 * Frames on the pipe between a worker and its children: two unsigned 32-bit little-endian lengths (head, body), the head
 * as UTF-8 JSON, then the body: the attachments one after another. Their lengths stand in the head, so a receiver copies
 * no pixel to find them. Node's own IPC is not used: see docs/adr/0002-frames-instead-of-ipc.md.
 */
export interface Frame {
  /** The message, as parsed from JSON: unchecked. */
  readonly message: unknown;
  readonly attachments: readonly Uint8Array[];
}

export interface FrameLimits {
  readonly headBytesMax: number;
  readonly bodyBytesMax: number;
}

const prefixBytes = 8;

/** A frame that breaks the format or its limits; the peer cannot be trusted any more. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** The chunks of a frame, to be written in this order. Attachments are not copied. */
export function encodeFrame(message: unknown, attachments: readonly Uint8Array[] = []): Uint8Array[] {
  const head = Buffer.from(JSON.stringify({ message, attachmentBytes: attachments.map(({ length }) => length) }));
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix.writeUInt32LE(head.length, 0);
  prefix.writeUInt32LE(
    attachments.reduce((sum, { length }) => sum + length, 0),
    4,
  );
  return [prefix, head, ...attachments];
}

/** Writes a frame in one system call: chunk by chunk the reader would be woken for the eight bytes of the prefix. */
export function writeFrame(pipe: Writable, message: unknown, attachments: readonly Uint8Array[] = []): void {
  pipe.cork();
  for (const chunk of encodeFrame(message, attachments)) pipe.write(chunk);
  pipe.uncork();
}

/** Cuts a stream of chunks into frames. */
export class FrameDecoder {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #needed = prefixBytes;

  constructor(private readonly limits: FrameLimits) {}

  /**
   * Takes the next chunk.
   * @returns the frames that are complete now
   * @throws FrameError when a length exceeds its limit or the head is not what it must be
   */
  push(chunk: Uint8Array): Frame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Frame[] = [];
    while (this.#bytes >= this.#needed) {
      const bytes = this.#join();
      const headBytes = bytes.readUInt32LE(0);
      const bodyBytes = bytes.readUInt32LE(4);
      if (headBytes > this.limits.headBytesMax) throw new FrameError(`a head of ${headBytes} bytes`);
      if (bodyBytes > this.limits.bodyBytesMax) throw new FrameError(`a body of ${bodyBytes} bytes`);
      const total = prefixBytes + headBytes + bodyBytes;
      if (bytes.length < total) {
        this.#needed = total;
        break;
      }
      frames.push(
        readFrame(bytes.subarray(prefixBytes, prefixBytes + headBytes), bytes.subarray(prefixBytes + headBytes, total)),
      );
      this.#bytes = bytes.length - total;
      // An empty rest would keep the whole frame in memory until the next one.
      this.#chunks = this.#bytes > 0 ? [bytes.subarray(total)] : [];
      this.#needed = prefixBytes;
    }
    return frames;
  }

  /** All that is held as one buffer; joined only when a prefix or a whole frame is there, so a large frame is copied once. */
  #join(): Buffer {
    const [first] = this.#chunks;
    const joined =
      this.#chunks.length === 1 && first
        ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
        : Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [joined];
    return joined;
  }
}

function readFrame(head: Buffer, body: Buffer): Frame {
  let parsed: unknown;
  try {
    parsed = JSON.parse(head.toString('utf8'));
  } catch {
    throw new FrameError('a head that is not JSON');
  }
  const { message, attachmentBytes } = (parsed ?? {}) as { message?: unknown; attachmentBytes?: unknown };
  if (!Array.isArray(attachmentBytes)) throw new FrameError('a head without attachment lengths');
  const attachments: Uint8Array[] = [];
  let offset = 0;
  for (const bytes of attachmentBytes as unknown[]) {
    if (!Number.isInteger(bytes) || (bytes as number) < 0) throw new FrameError('an attachment of no length');
    attachments.push(body.subarray(offset, offset + (bytes as number)));
    offset += bytes as number;
  }
  if (offset !== body.length) throw new FrameError(`attachments of ${offset} bytes in a body of ${body.length}`);
  return { message, attachments };
}
