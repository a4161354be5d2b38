import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Written as it is, whatever a path in it may do. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Deflated; stored as it is otherwise. */
  readonly isDeflated?: boolean;
  /** What the zip says of the unpacked size, where that is not the truth. */
  readonly declaredBytes?: number;
}

/** PKWARE APPNOTE 4.3: local headers with their data, the central directory, its end. */
export function zipOf(entries: readonly ZipEntry[] | Readonly<Record<string, Uint8Array>>): Buffer {
  const list = Array.isArray(entries)
    ? (entries as readonly ZipEntry[])
    : Object.entries(entries).map(([name, bytes]): ZipEntry => ({ name, bytes }));
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, isDeflated = false, declaredBytes = bytes.length } of list) {
    const data = isDeflated ? deflateRawSync(bytes) : Buffer.from(bytes);
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(0x0800, 2);
    fixed.writeUInt16LE(isDeflated ? 8 : 0, 4);
    fixed.writeUInt32LE(crc32(Buffer.from(bytes)), 10);
    fixed.writeUInt32LE(data.length, 14);
    fixed.writeUInt32LE(declaredBytes, 18);
    fixed.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fixed, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fixed, tail, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
