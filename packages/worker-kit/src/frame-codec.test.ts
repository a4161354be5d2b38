import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameDecoder, FrameError } from './frame-codec.js';

const limits = { headBytesMax: 10_000, bodyBytesMax: 100_000 };
const bytesOf = (message: unknown, attachments: Uint8Array[] = []) => Buffer.concat(encodeFrame(message, attachments));

describe('frame codec', () => {
  test('gives back the message and its attachments however the stream is cut', () => {
    const stream = Buffer.concat([
      bytesOf({ n: 1, label: '신발' }, [Buffer.from([1, 2, 3]), Buffer.alloc(0), Buffer.alloc(5_000, 7)]),
      bytesOf({ n: 2 }),
      bytesOf(null, [Buffer.from('x')]),
    ]);
    for (const size of [1, 2, 7, 8, 9, 100, 4_096, stream.length]) {
      const decoder = new FrameDecoder(limits);
      const frames = [];
      for (let at = 0; at < stream.length; at += size) frames.push(...decoder.push(stream.subarray(at, at + size)));
      expect(frames.map(({ message }) => message)).toEqual([{ n: 1, label: '신발' }, { n: 2 }, null]);
      expect(frames[0]?.attachments.map(({ length }) => length)).toEqual([3, 0, 5_000]);
      expect(Buffer.from(frames[0]?.attachments[2] ?? [])).toEqual(Buffer.alloc(5_000, 7));
      expect(Buffer.from(frames[2]?.attachments[0] ?? []).toString()).toBe('x');
    }
  });

  test('holds nothing of a frame that it has given', async () => {
    setFlagsFromString('--expose-gc');
    const collectAll = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
    const decoder = new FrameDecoder(limits);
    const give = () => {
      const stream = bytesOf({ n: 1 }, [Buffer.alloc(50_000)]);
      decoder.push(stream.subarray(0, 30_000));
      const [picture] = decoder.push(stream.subarray(30_000)).flatMap(({ attachments }) => attachments);
      if (!picture) throw new Error('no picture');
      return new WeakRef(picture.buffer);
    };
    const given = give();
    // A WeakRef holds its target until the turn ends.
    await new Promise(setImmediate);
    collectAll();
    expect(given.deref()).toBeUndefined();
    expect(decoder.push(bytesOf({ n: 2 }))).toHaveLength(1);
  });

  test('refuses lengths above the limits before the bytes arrive', () => {
    const prefix = (head: number, body: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32LE(head, 0);
      bytes.writeUInt32LE(body, 4);
      return bytes;
    };
    expect(() => new FrameDecoder(limits).push(prefix(10_001, 0))).toThrow(FrameError);
    expect(() => new FrameDecoder(limits).push(prefix(10, 100_001))).toThrow(FrameError);
    expect(() => new FrameDecoder(limits).push(prefix(0xffffffff, 0xffffffff))).toThrow(FrameError);
  });

  test.each([
    ['no JSON', Buffer.from('{"message":')],
    ['no attachment lengths', Buffer.from('{"message":1}')],
    ['null', Buffer.from('null')],
    ['negative lengths', Buffer.from('{"message":1,"attachmentBytes":[-1,1]}')],
    ['lengths beyond the body', Buffer.from('{"message":1,"attachmentBytes":[5]}')],
  ])('refuses a head with %s', (_, head) => {
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(head.length, 0);
    expect(() => new FrameDecoder(limits).push(Buffer.concat([prefix, head]))).toThrow(FrameError);
  });

  test('survives random bytes: a frame, an error, or patience, never anything else', () => {
    let seed = 42;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return seed & 0xff;
    };
    for (let round = 0; round < 500; round++) {
      const decoder = new FrameDecoder(limits);
      try {
        decoder.push(Buffer.from(Array.from({ length: 64 }, random)));
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }
  });
});
