import type { Samples } from '../../packages/worker-kit/test/pictures.js';

const types = { short: 3, long: 4 } as const;

/**
 * An uncompressed CMYK TIFF (TIFF 6.0, section 16) of an RGB picture: each ink is the complement of its colour, without
 * black. Image libraries only write CMYK through a colour profile.
 */
export function cmykTiffOf({ width, height, data }: Samples): Buffer {
  const inks = Buffer.alloc(width * height * 4);
  for (let at = 0; at < data.length; at++) inks[Math.floor(at / 3) * 4 + (at % 3)] = 255 - data[at]!;
  const headerBytes = 8;
  const bitsAt = headerBytes + inks.length;
  const directoryAt = bitsAt + 8;
  const tags: [tag: number, type: keyof typeof types, count: number, value: number][] = [
    [256, 'long', 1, width],
    [257, 'long', 1, height],
    [258, 'short', 4, bitsAt],
    [259, 'short', 1, 1],
    [262, 'short', 1, 5],
    [273, 'long', 1, headerBytes],
    [277, 'short', 1, 4],
    [278, 'long', 1, height],
    [279, 'long', 1, inks.length],
  ];
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(directoryAt, 4);
  const bits = Buffer.from(Uint16Array.from([8, 8, 8, 8]).buffer);
  const directory = Buffer.alloc(2 + tags.length * 12 + 4);
  directory.writeUInt16LE(tags.length, 0);
  for (const [index, [tag, type, count, value]] of tags.entries()) {
    const at = 2 + index * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(types[type], at + 2);
    directory.writeUInt32LE(count, at + 4);
    directory.writeUInt32LE(value, at + 8);
  }
  return Buffer.concat([header, inks, bits, directory]);
}
