import { Failure } from '@lensgate/contracts/plain';
import { describe, expect, test } from 'vitest';
import { type ImageProcessor, outputSize, processImage, readImageProcessor } from './image-processor.js';

function read(file: object): ImageProcessor {
  const processor = readImageProcessor(file);
  if ('refusal' in processor) throw new Error(processor.refusal.en);
  return processor;
}

const half = [0.5, 0.5, 0.5];
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe('readImageProcessor', () => {
  test.each<[string, object]>([
    ['ViT', { resize: { size: { height: 224, width: 224 }, filter: 'bilinear' }, crop: null, mean: half, std: half }],
    [
      'DeiT',
      {
        resize: { size: { height: 256, width: 256 }, filter: 'bicubic' },
        crop: { height: 224, width: 224 },
        mean: half,
      },
    ],
    ['ConvNext', { resize: { size: { height: 384, width: 384 }, filter: 'bicubic' }, crop: null, mean: half }],
    ['CLIP', { resize: { size: { shortest_edge: 224 }, filter: 'bicubic' }, crop: { height: 224, width: 224 } }],
    ['Levit', { resize: { size: { shortest_edge: 256 }, filter: 'bicubic' }, ...imagenet }],
    ['PoolFormer', { resize: { size: { shortest_edge: 248 }, filter: 'bicubic' }, ...imagenet }],
    [
      'MobileViT',
      { resize: { size: { shortest_edge: 224 }, filter: 'bilinear' }, planes: 'bgr', mean: null, std: null },
    ],
    ['EfficientNet', { resize: { size: { height: 346, width: 346 }, filter: 'bicubic' }, std: [0.25, 0.25, 0.25] }],
  ])('knows what %s does where its file is silent', (name, expected) => {
    for (const type of [`${name}ImageProcessor`, `${name}ImageProcessorFast`]) {
      expect(read({ image_processor_type: type })).toMatchObject({ ...expected, scale: 1 / 255, warnings: [] });
    }
    expect(read({ feature_extractor_type: `${name}FeatureExtractor` })).toMatchObject(expected);
  });

  test('takes one number as both sides or as the short one, as the processor does', () => {
    const sizeOf = (image_processor_type: string) => read({ image_processor_type, size: 96 }).resize?.size;
    expect(sizeOf('DeiTImageProcessor')).toEqual({ height: 96, width: 96 });
    expect(sizeOf('CLIPImageProcessor')).toEqual({ shortest_edge: 96 });
  });

  test('adds no margin where PoolFormer is told so', () => {
    const file = { image_processor_type: 'PoolFormerImageProcessor', crop_pct: null };
    expect(read(file).resize?.size).toEqual({ shortest_edge: 224 });
  });

  test('leaves the picture as it is for do_resize false', () => {
    const processor = read({ image_processor_type: 'ViTImageProcessor', do_resize: false });
    expect(processor).toMatchObject({ resize: null, crop: null });
    expect(outputSize(processor)).toBeNull();
  });

  test('says which processor it does not know', () => {
    expect(read({}).warnings).toMatchObject([{ en: expect.stringMatching(/"not named" is not known/) }]);
    expect(read({ image_processor_type: 'XImageProcessor' }).warnings[0]?.en).toMatch(/"XImageProcessor"/);
  });

  test.each<[object, RegExp]>([
    [{ size: { width: 3 } }, /size/],
    [{ size: 0 }, /size/],
    [{ image_mean: [1, 2] }, /image_mean/],
    [{ resample: 9 }, /resample/],
    [{ do_pad: true }, /do_pad/],
  ])('refuses %j in words', (file, words) => {
    expect(readImageProcessor(file)).toEqual({
      refusal: { en: expect.stringMatching(words), ko: expect.stringMatching(/[가-힣]/) },
    });
  });

  test.each([null, 'text', 7, [1]])('refuses %j, which is no object', (file) => {
    expect(readImageProcessor(file)).toEqual({
      refusal: { en: expect.stringMatching(/cannot be read/), ko: expect.stringMatching(/[가-힣]/) },
    });
  });
});

describe('outputSize', () => {
  test('is the crop, or both sides, or open', () => {
    const sizeOf = (file: object) => outputSize(read({ image_processor_type: 'ViTImageProcessor', ...file }));
    expect(sizeOf({ do_center_crop: true, crop_size: 32 })).toEqual({ height: 32, width: 32 });
    const asked = { image_processor_type: 'EfficientNetImageProcessor', do_center_crop: true };
    expect(sizeOf(asked)).toEqual({ height: 289, width: 289 });
    expect(sizeOf({ size: { height: 20, width: 30 } })).toEqual({ height: 20, width: 30 });
    expect(sizeOf({ size: { shortest_edge: 30 } })).toBeNull();
    expect(sizeOf({ size: { max_height: 30, max_width: 30 } })).toBeNull();
  });
});

describe('processImage', () => {
  const line = { width: 1_000_000, height: 1, data: new Uint8Array(3_000_000).fill(128) };
  const processor = (file: object) => read({ image_processor_type: 'ViTImageProcessor', ...file });

  test('makes no more of a resized picture than the crop takes', () => {
    const { data, dims } = processImage(line, processor({ size: { shortest_edge: 256 }, do_center_crop: true }));
    expect(dims).toEqual([1, 3, 224, 224]);
    expect(new Set(data).size).toBe(1);
  });

  test.each([
    ['256000000×256 px', { size: { shortest_edge: 256 } }],
    ['less than one px', { size: { max_height: 256, max_width: 256 } }],
  ])('refuses a picture of which preprocessing would make %s', (outcome, file) => {
    const refused = () => processImage(line, processor(file));
    expect(refused).toThrow(Failure);
    expect(refused).toThrow(expect.objectContaining({ code: 'IMAGE_UNSUPPORTED' }));
    expect(refused).toThrow(new RegExp(`1000000×1 px is too long and thin .* ${outcome}`));
  });
});
