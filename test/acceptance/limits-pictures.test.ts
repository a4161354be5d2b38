import type { Problem } from '@lensgate/contracts';
import {
  type Answer,
  closeConnections,
  nothingLeft,
  pngBomb,
  referencePictures,
  type Stack,
  type StartedWorker,
  startStack,
  vastPictures,
} from '@lensgate/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Pictures that would cost a decoder more than they may, or that no decoder may get. */
const demoJob = 20;
const good = referencePictures()[0]!.bytes;
let stack: Stack;
let worker: StartedWorker;
let homes: string[];

beforeAll(async () => {
  stack = await startStack();
  worker = stack.workers.get('ultralytics')!;
  expect((await stack.gateway.quick(demoJob, { image: good })).status).toBe(200);
  homes = endsOfChildren();
});
afterAll(async () => {
  // Nothing here may cost a child.
  expect(endsOfChildren()).toEqual(homes);
  const { status, body } = await stack.gateway.quick(demoJob, { image: good });
  expect([status, body.model.warm]).toEqual([200, true]);
  await stack.stop();
  const left = await stack.leftovers();
  await stack.close();
  await closeConnections();
  expect(left).toEqual(nothingLeft);
});
const endsOfChildren = () =>
  worker.logs.filter(({ msg }) => msg?.startsWith('child ended')).map(({ msg }) => String(msg));
const send = (image: Uint8Array): Promise<Answer<Problem>> => stack.gateway.quick<Problem>(demoJob, { image });

describe('pixels are counted in the header', () => {
  test('of every format that is read', async () => {
    const pictures = await vastPictures();
    expect(pictures.length).toBe(7);
    for (const { format, bytes } of pictures) {
      const { status, body } = await send(bytes);
      expect([format, status, body.code]).toEqual([format, 413, 'IMAGE_TOO_LARGE']);
      expect(body.detail).toMatch(/\d+×\d+ = \d{9,} pixels; the limit is 100000000/);
    }
  });

  test('of correct pictures of many pixels in few bytes', async () => {
    const black = { create: { width: 12_000, height: 12_000, channels: 3 as const, background: 'black' } };
    const webp = await sharp(black).webp({ lossless: true, effort: 0 }).toBuffer();
    const tiff = await sharp(black).tiff({ compression: 'deflate' }).toBuffer();
    for (const bytes of [pngBomb(30_000, 30_000), webp, tiff]) {
      expect(bytes.length).toBeLessThan(1_000_000);
      const { status, body } = await send(bytes);
      expect([status, body.code]).toEqual([413, 'IMAGE_TOO_LARGE']);
    }
  });
});

describe('a decoder that gets more than the header says', () => {
  test('of a PNG whose rows go on and on is content with what it needs', async () => {
    const bomb = Buffer.from(pngBomb(10_000, 10_000));
    bomb.writeUInt32BE(8, 16);
    bomb.writeUInt32BE(8, 20);
    expect((await send(bomb)).status).toBe(415);
  });

  test('of a TIFF of very many channels is refused', async () => {
    const tiff = Buffer.from(
      await sharp({ create: { width: 300, height: 300, channels: 3, background: 'black' } })
        .tiff({ compression: 'none' })
        .toBuffer(),
    );
    const ifd = tiff.readUInt32LE(4);
    for (let at = ifd + 2; at < ifd + 2 + tiff.readUInt16LE(ifd) * 12; at += 12)
      if (tiff.readUInt16LE(at) === 277) tiff.writeUInt16LE(65_535, at + 8);
    const { status, body } = await send(tiff);
    expect([status, body.code]).toEqual([415, expect.stringMatching(/^IMAGE_/)]);
  });
});

describe('frames and pages are counted in the header', () => {
  test('of a GIF of a hundred thousand frames', async () => {
    const screen = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
    const frame = Buffer.from('\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1');
    const { status, body } = await send(
      Buffer.concat([screen, ...Array<Buffer>(100_000).fill(frame), Buffer.from(';')]),
    );
    expect([status, body.code]).toEqual([415, 'IMAGE_UNSUPPORTED']);
    expect(body.detail).toContain('more than 1000 frames');
  });
});

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';
const bigEntity = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "${'b'.repeat(50)}">]><svg xmlns="http://www.w3.org/2000/svg"><text>${'&a;'.repeat(5_000)}</text></svg>`;
describe('a format that is no photograph has no decoder', () => {
  test.each([
    ['an SVG drawing', svg],
    ['an SVG drawing of many entities', bigEntity],
    ['a PDF document', '%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF'],
    ['a PostScript program', '%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n'],
    ['an ImageMagick script', '<?xml version="1.0"?><image><read filename="/etc/passwd"/></image>'],
    [
      'an ImageMagick vector drawing',
      "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'label:@/etc/passwd'\n",
    ],
    ['a playlist', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'],
    ['a matrix of a text', '3 3\n1 2 3\n4 5 6\n7 8 9\n'],
    ['a netpbm picture', 'P6 1 1 255\nabc'],
    ['an OpenEXR picture', '\x76\x2f\x31\x01\x02\0\0\0'],
    ['a FITS picture', `SIMPLE  =                    T${' '.repeat(2_850)}`],
    ['a libvips picture', '\x08\xf2\xa6\xb6\0\0\0\x01\0\0\0\x01\0\0\0\x03'],
    ['a Radiance picture', '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\nabcd'],
    ['a NIfTI picture', `\x5c\x01\0\0${'\0'.repeat(340)}n+1\0`],
    ['a JPEG 2000 picture', '\0\0\0\x0cjP  \r\n\x87\n'],
    ['a JPEG XL picture', '\xff\x0a\0\0'],
    ['a HEIC picture', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['an archive', 'PK\x03\x04\x14\0'],
  ])('%s', async (_, text) => {
    const { status, body } = await send(Buffer.from(text, 'latin1'));
    expect([status, body.code]).toEqual([415, 'IMAGE_UNSUPPORTED']);
    expect(JSON.stringify(body)).not.toContain('root:');
  });
});

describe('a file that is two things at once is the picture that it begins as, or none', () => {
  const zip = Buffer.from('PK\x03\x04\x14\0\0\0\0\0', 'latin1');
  test('a picture with something behind it shows the same boxes as without', async () => {
    const plain = await stack.gateway.quick(demoJob, { image: good });
    for (const tail of [zip, Buffer.from('<html><script>alert(1)</script></html>'), Buffer.from(svg)]) {
      const { status, body } = await stack.gateway.quick(demoJob, { image: Buffer.concat([good, tail]) });
      expect(status).toBe(200);
      const boxes = (reply: unknown) => (reply as { predicted_boxes: unknown }).predicted_boxes;
      expect(boxes(body)).toEqual(boxes(plain.body));
    }
  });

  test.each([
    ['an SVG drawing', Buffer.from(svg)],
    ['a PDF document', Buffer.from('%PDF-1.7\n')],
    ['an archive', zip],
  ])('%s with the first bytes of a JPEG is a damaged JPEG', async (_, rest) => {
    for (const head of ['\xff\xd8\xff\xe0', '\xff\xd8\xff\xdb\0\x43\0']) {
      const { status, body } = await send(Buffer.concat([Buffer.from(head, 'latin1'), rest]));
      expect([status, body.code]).toEqual([415, 'IMAGE_DAMAGED']);
    }
  });
});
