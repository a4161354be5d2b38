import { bmpPicture, detectModel, modelOfShapes, type Random, seededRandom } from '@lensgate/testing';
import sharp from 'sharp';

export interface BaseFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const size = { width: 48, height: 36 };
const pixelsOf = (channels: 3 | 4, random: Random) => ({
  data: random.bytes(size.width * size.height * channels),
  raw: { ...size, channels },
});

/** A small picture in each kind of file that is read. */
export async function basePictures(): Promise<BaseFile[]> {
  const random = seededRandom(1);
  const rgb = pixelsOf(3, random);
  const rgba = pixelsOf(4, random);
  const image = ({ data, raw }: typeof rgb) => sharp(data, { raw });
  const frames = sharp(Buffer.concat([rgb.data, rgb.data]), {
    raw: { width: size.width, height: 2 * size.height, channels: 3, pageHeight: size.height },
  });
  const encoders: Record<string, () => Promise<Buffer>> = {
    'baseline JPEG': () => image(rgb).jpeg({ quality: 80 }).toBuffer(),
    'progressive JPEG': () =>
      image(rgb)
        .jpeg({ progressive: true })
        .withExif({ IFD0: { Orientation: '6' } })
        .toBuffer(),
    'CMYK JPEG': () => image(rgb).toColourspace('cmyk').jpeg().toBuffer(),
    'grey JPEG': () => image(rgb).greyscale().jpeg().toBuffer(),
    PNG: () => image(rgb).png().toBuffer(),
    'PNG with alpha, interlaced': () => image(rgba).png({ progressive: true }).toBuffer(),
    'PNG with a palette': () => image(rgb).png({ palette: true, colours: 32 }).toBuffer(),
    'PNG of 16 bits': () => image(rgb).toColourspace('rgb16').png().toBuffer(),
    'lossy WebP': () => image(rgb).webp().toBuffer(),
    'lossless WebP': () => image(rgb).webp({ lossless: true }).toBuffer(),
    'WebP with alpha': () => image(rgba).webp().toBuffer(),
    'animated WebP': () => frames.clone().webp().toBuffer(),
    GIF: () => image(rgb).gif().toBuffer(),
    'animated GIF': () => frames.clone().gif().toBuffer(),
    'plain TIFF': () => image(rgb).tiff({ compression: 'none' }).toBuffer(),
    'LZW TIFF': () => image(rgb).tiff({ compression: 'lzw' }).toBuffer(),
    'deflated TIFF in tiles': () =>
      image(rgb).tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
    'JPEG TIFF': () => image(rgb).tiff({ compression: 'jpeg' }).toBuffer(),
    'CMYK TIFF': () => image(rgb).toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer(),
    AVIF: () => image(rgb).avif({ effort: 0 }).toBuffer(),
    BMP: async () => bmpPicture({ ...size, data: rgb.data }),
  };
  return Promise.all(Object.entries(encoders).map(async ([name, encode]) => ({ name, bytes: await encode() })));
}

/** Small checkpoints that the ultralytics worker accepts, or refuses for their shapes alone. */
export function baseModels(): BaseFile[] {
  return [
    { name: 'a detector', bytes: detectModel() },
    { name: 'a detector with open sizes', bytes: detectModel({ batch: 'batch' }) },
    {
      name: 'a segmenter',
      bytes: modelOfShapes({
        task: 'segment',
        outputs: [
          [1, 39, 84],
          [1, 32, 16, 16],
        ],
      }),
    },
  ];
}
