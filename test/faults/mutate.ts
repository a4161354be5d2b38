import type { Random } from '@lensgate/testing';

interface Mutation {
  readonly name: string;
  readonly apply: (bytes: Buffer, random: Random) => Buffer;
}

/** A place in the file, more often near its beginning, where headers are. */
const somewhere = (bytes: Buffer, random: Random): number =>
  random.next() < 0.5 ? random.below(Math.min(bytes.length, 256)) : random.below(bytes.length);

function block(bytes: Buffer, random: Random): { start: number; end: number } {
  const start = random.below(bytes.length);
  return { start, end: Math.min(bytes.length, start + 1 + random.below(64)) };
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

const heads = [
  '\xff\xd8\xff\xe0\0\x10JFIF\0',
  '\x89PNG\r\n\x1a\n',
  'GIF89a',
  'RIFF\xff\xff\0\0WEBPVP8 ',
  'II*\0\b\0\0\0',
  'BM',
  '\0\0\0\x1cftypavif',
  '%PDF-1.7\n',
  '<svg xmlns="http://www.w3.org/2000/svg">',
  'PK\x03\x04',
];

const mutations: readonly Mutation[] = [
  {
    name: 'flipped bits',
    apply(bytes, random) {
      const changed = Buffer.from(bytes);
      for (let flips = 1 + random.below(16); flips > 0; flips--) {
        const at = somewhere(changed, random);
        changed[at]! ^= 1 << random.below(8);
      }
      return changed;
    },
  },
  { name: 'cut short', apply: (bytes, random) => bytes.subarray(0, 1 + random.below(bytes.length)) },
  {
    name: 'two blocks swapped',
    apply(bytes, random) {
      const changed = Buffer.from(bytes);
      const [a, b] = [block(bytes, random), block(bytes, random)];
      changed.set(bytes.subarray(a.start, a.end), Math.min(b.start, bytes.length - (a.end - a.start)));
      changed.set(bytes.subarray(b.start, b.end), Math.min(a.start, bytes.length - (b.end - b.start)));
      return changed;
    },
  },
  {
    name: 'a block left out',
    apply(bytes, random) {
      const { start, end } = block(bytes, random);
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end), Buffer.of(0)]);
    },
  },
  {
    name: 'a block twice',
    apply(bytes, random) {
      const { start, end } = block(bytes, random);
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
    },
  },
  {
    name: 'a block of one value',
    apply(bytes, random) {
      const { start, end } = block(bytes, random);
      return Buffer.from(bytes).fill(random.pick([0, 0xff, 0x80]), start, end);
    },
  },
  {
    name: 'a length or size that is extreme',
    apply(bytes, random) {
      const changed = Buffer.concat([bytes, Buffer.alloc(4)]);
      const at = somewhere(bytes, random);
      const value = random.pick([...extremes, bytes.length, bytes.length + 1]);
      const width = random.pick([2, 4]);
      if (random.next() < 0.5) changed.writeUIntBE(value % 2 ** (8 * width), at, width);
      else changed.writeUIntLE(value % 2 ** (8 * width), at, width);
      return changed.subarray(0, bytes.length);
    },
  },
  {
    name: 'the head of another format',
    apply(bytes, random) {
      const head = Buffer.from(random.pick(heads), 'latin1');
      return random.next() < 0.5 ? Buffer.concat([head, bytes]) : Buffer.concat([head, bytes.subarray(head.length)]);
    },
  },
  {
    name: 'something behind it',
    apply: (bytes, random) =>
      Buffer.concat([bytes, random.pick([Buffer.from(random.pick(heads), 'latin1'), random.bytes(64), bytes])]),
  },
];

/** One to three mutations, one after the other. */
export function mutate(bytes: Buffer, random: Random): { readonly bytes: Buffer; readonly names: readonly string[] } {
  const names: string[] = [];
  let changed = bytes;
  for (let times = random.pick([1, 1, 2, 3]); times > 0; times--) {
    const { name, apply } = random.pick(mutations);
    changed = apply(changed, random);
    names.push(name);
  }
  return { bytes: changed, names };
}
