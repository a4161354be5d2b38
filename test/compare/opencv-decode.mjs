/**
 * Compares the worker's picture decoder with OpenCV's `imread(IMREAD_COLOR)`, format by format, and prints the table of
 * docs/pictures.md. Needs Debian's python3-opencv (`apt-get install python3-opencv`); says so and exits 0 without it.
 *
 *   npm run build && node test/compare/opencv-decode.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage } from '../../packages/worker-kit/dist/child/decode.js';

const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
const WIDTH = 333;
const HEIGHT = 217;

/** Reads each file named on the command line with OpenCV and writes `<file>.rgb` and, first, its size. */
const READ_WITH_OPENCV = `
import cv2, sys
for path in sys.argv[1:]:
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    with open(path + '.rgb', 'wb') as out:
        if image is None:
            continue
        out.write(image.shape[1].to_bytes(4, 'little') + image.shape[0].to_bytes(4, 'little'))
        out.write(image[:, :, ::-1].tobytes())
`;

const print = (line) => process.stdout.write(`${line}\n`);

/** Small deterministic generator (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Smooth colours, hard edges and a little noise, as a photograph has them. */
function photograph(channels, { valueMax = 255 } = {}) {
  const noise = random(7);
  const data = valueMax > 255 ? new Uint16Array(WIDTH * HEIGHT * channels) : new Uint8Array(WIDTH * HEIGHT * channels);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const isInside = (x - 120) ** 2 + (y - 90) ** 2 < 60 ** 2;
      for (let channel = 0; channel < channels; channel++) {
        const smooth = 0.5 + 0.4 * Math.sin(x / (20 + 9 * channel) + channel) * Math.cos(y / (31 - 5 * channel));
        const value = (isInside ? 1 - smooth : smooth) + (noise() - 0.5) * 0.08;
        data[(y * WIDTH + x) * channels + channel] = Math.max(0, Math.min(valueMax, Math.round(value * valueMax)));
      }
    }
  }
  return data;
}

const raw = (channels) => sharp(photograph(channels), { raw: { width: WIDTH, height: HEIGHT, channels } });
const raw16 = (channels) =>
  sharp(photograph(channels, { valueMax: 65535 }), { raw: { width: WIDTH, height: HEIGHT, channels } }).toColourspace(
    channels === 1 ? 'grey16' : 'rgb16',
  );

const CASES = {
  'JPEG 4:4:4, quality 92': ['jpg', () => raw(3).jpeg({ quality: 92, chromaSubsampling: '4:4:4' })],
  'JPEG 4:2:0, quality 90': ['jpg', () => raw(3).jpeg({ quality: 90, chromaSubsampling: '4:2:0' })],
  'JPEG 4:2:0, progressive': ['jpg', () => raw(3).jpeg({ quality: 90, progressive: true })],
  'JPEG grey': ['jpg', () => raw(3).greyscale().toColourspace('b-w').jpeg({ quality: 90 })],
  'JPEG with a wide-gamut ICC profile': [
    'jpg',
    () => raw(3).jpeg({ quality: 90 }).withIccProfile('p3', { attach: true }),
  ],
  ...Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8].map((orientation) => [
      `JPEG, EXIF orientation ${orientation}`,
      ['jpg', () => raw(3).jpeg({ quality: 90 }).withMetadata({ orientation })],
    ]),
  ),
  'JPEG 4:2:0, quality 40': ['jpg', () => raw(3).jpeg({ quality: 40 })],
  'JPEG CMYK': ['jpg', () => raw(3).toColourspace('cmyk').jpeg({ quality: 90 })],
  'PNG RGB': ['png', () => raw(3).png()],
  'PNG RGBA': ['png', () => raw(4).png()],
  'PNG palette': ['png', () => raw(3).png({ palette: true, colours: 64 })],
  'PNG palette with transparency': ['png', () => raw(4).png({ palette: true, colours: 64 })],
  'PNG grey': ['png', () => raw(3).greyscale().toColourspace('b-w').png()],
  'PNG grey with alpha': ['png', () => raw(4).greyscale().toColourspace('b-w').png()],
  'PNG 16 bit': ['png', () => raw16(3).png()],
  'PNG 16 bit RGBA': ['png', () => raw16(4).png()],
  'PNG 16 bit grey': ['png', () => raw16(1).png()],
  'PNG interlaced': ['png', () => raw(3).png({ progressive: true })],
  'PNG, EXIF orientation 6': ['png', () => raw(3).png().withMetadata({ orientation: 6 })],
  'WebP lossy': ['webp', () => raw(3).webp({ quality: 85 })],
  'WebP lossless': ['webp', () => raw(3).webp({ lossless: true })],
  'WebP with alpha': ['webp', () => raw(4).webp({ quality: 85 })],
  'TIFF LZW': ['tiff', () => raw(3).tiff({ compression: 'lzw' })],
  'TIFF 16 bit': ['tiff', () => raw16(3).tiff({ compression: 'lzw' })],
  'TIFF grey': ['tiff', () => raw(3).greyscale().toColourspace('b-w').tiff({ compression: 'none' })],
  'TIFF RGBA': ['tiff', () => raw(4).tiff({ compression: 'lzw' })],
  'TIFF CMYK': ['tiff', () => raw(3).toColourspace('cmyk').tiff({ compression: 'lzw' })],
  'TIFF JPEG-compressed': ['tiff', () => raw(3).tiff({ compression: 'jpeg', quality: 90 })],
  'TIFF, EXIF orientation 6': ['tiff', () => raw(3).tiff({ compression: 'lzw' }).withMetadata({ orientation: 6 })],
  GIF: ['gif', () => raw(3).gif()],
  AVIF: ['avif', () => raw(3).avif({ quality: 70 })],
  'BMP 24 bit': ['bmp', () => ({ toBuffer: async () => bmp24(photograph(3)) })],
};

function bmp24(rgb) {
  const rowBytes = Math.ceil((WIDTH * 3) / 4) * 4;
  const file = Buffer.alloc(54 + rowBytes * HEIGHT);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(WIDTH, 18);
  file.writeInt32LE(HEIGHT, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const from = (y * WIDTH + x) * 3;
      const to = 54 + (HEIGHT - 1 - y) * rowBytes + x * 3;
      file[to] = rgb[from + 2];
      file[to + 1] = rgb[from + 1];
      file[to + 2] = rgb[from];
    }
  }
  return file;
}

function difference(ours, file) {
  if (file.length === 0) return 'OpenCV does not read it';
  const width = file.readUInt32LE(0);
  const height = file.readUInt32LE(4);
  if (width !== ours.width || height !== ours.height) {
    return `sizes differ: ours ${ours.width}×${ours.height}, OpenCV ${width}×${height}`;
  }
  let largest = 0;
  let sum = 0;
  let differing = 0;
  for (let at = 0; at < ours.data.length; at++) {
    const gap = Math.abs(ours.data[at] - file[8 + at]);
    largest = Math.max(largest, gap);
    sum += gap;
    if (gap > 0) differing += 1;
  }
  if (largest === 0) return 'equal';
  const share = ((100 * differing) / ours.data.length).toFixed(1);
  return `largest difference ${largest}, mean ${(sum / ours.data.length).toFixed(3)}, ${share} % of the values`;
}

function opencvVersion() {
  try {
    return execFileSync(PYTHON, ['-c', 'import cv2; print(cv2.__version__)'], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    return undefined;
  }
}

const version = opencvVersion();
if (version === undefined) {
  print('Skipped: python3-opencv is not installed (apt-get install python3-opencv, or set PYTHON).');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'opencv-decode-'));
try {
  const files = [];
  for (const [name, [extension, make]] of Object.entries(CASES)) {
    const path = join(folder, `${files.length}.${extension}`);
    const bytes = await make().toBuffer();
    writeFileSync(path, bytes);
    files.push({ name, path, bytes });
  }
  execFileSync(PYTHON, ['-c', READ_WITH_OPENCV, ...files.map(({ path }) => path)], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  print(`| picture | against OpenCV ${version} |\n| --- | --- |`);
  for (const { name, path, bytes } of files) {
    const ours = await decodeImage(bytes, { pixelsMax: 1e8 });
    print(`| ${name} | ${difference(ours, readFileSync(`${path}.rgb`))} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
