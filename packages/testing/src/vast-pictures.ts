import sharp, { type Sharp } from 'sharp';
import { bmpPicture } from './pictures.js';

const onePixel = { width: 1, height: 1, data: new Uint8Array(3) };

/** Where a format's header has its size, and how it is written. */
const resizers: Record<string, (bytes: Buffer, width: number, height: number) => void> = {
  png(bytes, width, height) {
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
  },
  jpeg(bytes, width, height) {
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(Math.min(height, 65_535), frame + 5);
    bytes.writeUInt16BE(Math.min(width, 65_535), frame + 7);
  },
  gif(bytes, width, height) {
    bytes.writeUInt16LE(Math.min(width, 65_535), 6);
    bytes.writeUInt16LE(Math.min(height, 65_535), 8);
  },
  webp(bytes, width, height) {
    // VP8L: 14 bits each, less one.
    const packed = (Math.min(width, 16_384) - 1) | ((Math.min(height, 16_384) - 1) << 14);
    bytes.writeUInt32LE(packed >>> 0, 21);
  },
  tiff(bytes, width, height) {
    const ifd = bytes.readUInt32LE(4);
    const entries = bytes.readUInt16LE(ifd);
    for (let at = ifd + 2; at < ifd + 2 + entries * 12; at += 12) {
      const tag = bytes.readUInt16LE(at);
      if (tag !== 256 && tag !== 257) continue;
      bytes.writeUInt16LE(4, at + 2);
      bytes.writeUInt32LE(tag === 256 ? width : height, at + 8);
    }
  },
  bmp(bytes, width, height) {
    bytes.writeInt32LE(width, 18);
    bytes.writeInt32LE(height, 22);
  },
  avif(bytes, width, height) {
    const extents = bytes.indexOf('ispe');
    bytes.writeUInt32BE(width, extents + 8);
    bytes.writeUInt32BE(height, extents + 12);
  },
};

/**
 * A few hundred bytes in each format that is read, whose header says 20,000 × 20,000 pixels, or as many as the format can
 * say. A decoder that believed it would ask for a gigabyte.
 */
export async function vastPictures(): Promise<{ format: string; bytes: Buffer }[]> {
  const small = sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } });
  return Promise.all(
    Object.entries(resizers).map(async ([format, resize]) => {
      const bytes = format === 'bmp' ? bmpPicture(onePixel) : Buffer.from(await encoded(small.clone(), format));
      resize(bytes, 20_000, 20_000);
      return { format, bytes };
    }),
  );
}

const encoded = (image: Sharp, format: string): Promise<Buffer> =>
  format === 'webp'
    ? image.webp({ lossless: true }).toBuffer()
    : format === 'tiff'
      ? image.tiff({ compression: 'none' }).toBuffer()
      : image.toFormat(format as 'png').toBuffer();
