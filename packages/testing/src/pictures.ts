import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** A PNG of one grey, 0 black … 255 white. Square, so that a letterbox adds no padding. */
export function greyPicture(grey: number, sizePx = 64): Promise<Buffer> {
  const background = { r: grey, g: grey, b: grey };
  return sharp({ create: { width: sizePx, height: sizePx, channels: 3, background } })
    .png()
    .toBuffer();
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
}

/** A correct black PNG of many pixels in few bytes: one bit a pixel, deflated. */
export function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = Buffer.alloc((1 + Math.ceil(width / 8)) * height);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

/** A BMP of 24 bits, as Windows writes it: rows from below, blue first. @param data [height, width, 3] RGB */
export function bmpPicture({ data, width, height }: { data: Uint8Array; width: number; height: number }): Buffer {
  const headBytes = 54;
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(headBytes + rowBytes * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(headBytes, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3);
      file.set(pixel.toReversed(), headBytes + (height - 1 - y) * rowBytes + x * 3);
    }
  }
  return file;
}
