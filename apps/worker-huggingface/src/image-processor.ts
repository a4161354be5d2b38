import type { Words } from '@lensgate/contracts';
import { fail } from '@lensgate/contracts/plain';
import {
  centerCrop,
  type HuggingfaceSize,
  huggingfaceResizedSize,
  type PilFilter,
  type RgbImage,
  resizeAndCrop,
  resizePil,
  type Size,
  toChw,
} from '@lensgate/vision';
import { type Refusal, unreadableConfig } from '@lensgate/worker-kit/family';
import { z } from 'zod';
import { fallbackDefaults, type ProcessorDefaults, processorDefaults } from './processor-defaults.js';

const px = z.int().min(1).max(8_192);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const triples = z.union([triple, z.number().transform((value): [number, number, number] => [value, value, value])]);

const SizeSchema = z.union([
  z.object({ height: px, width: px }),
  z.object({ shortest_edge: px, longest_edge: px.optional() }).transform(({ shortest_edge, longest_edge }) => ({
    shortest_edge,
    ...(longest_edge === undefined ? {} : { longest_edge }),
  })),
  z.object({ max_height: px, max_width: px }),
  // An old form: both sides, or the short one, as the processor's own size has it.
  px,
]);

/** The keys of `preprocessor_config.json` that change what an image classifier sees. */
const ProcessorConfig = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().optional(),
  size: SizeSchema.optional(),
  resample: z.int().min(0).max(5).optional(),
  do_center_crop: z.boolean().optional(),
  crop_size: z.union([z.object({ height: px, width: px }), px]).optional(),
  crop_pct: z.number().positive().nullish(),
  do_rescale: z.boolean().optional(),
  rescale_factor: z.number().positive().optional(),
  rescale_offset: z.boolean().optional(),
  do_normalize: z.boolean().optional(),
  include_top: z.boolean().optional(),
  image_mean: triples.optional(),
  image_std: triples.optional(),
  do_flip_channel_order: z.boolean().optional(),
  do_pad: z.boolean().optional(),
});
type ProcessorConfig = z.infer<typeof ProcessorConfig>;

/** Pillow's numbers for its filters. */
const filters = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const satisfies readonly PilFilter[];

/** How pictures are made into the model's input, with nothing left to look up. */
export interface ImageProcessor {
  readonly resize: { readonly size: HuggingfaceSize; readonly filter: PilFilter } | null;
  readonly crop: Size | null;
  readonly scale: number;
  readonly mean: readonly [number, number, number] | null;
  readonly std: readonly [number, number, number] | null;
  readonly planes: 'rgb' | 'bgr';
  readonly warnings: readonly Words[];
}

const asksForPadding: Words = {
  en: 'preprocessor_config.json asks for do_pad, which classifiers here do not do.',
  ko: 'preprocessor_config.json의 do_pad는 분류 모델에서 지원하지 않습니다.',
};

/**
 * Reads `preprocessor_config.json` as written; what it leaves out is what its image processor does by default.
 * @returns a refusal in words for what cannot be read or is not known
 */
export function readImageProcessor(config: unknown): ImageProcessor | Refusal {
  const parsed = ProcessorConfig.safeParse(withoutNulls(config));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { refusal: unreadableConfig('preprocessor_config.json', issue) };
  }
  const file = parsed.data;
  if (file.do_pad === true) return { refusal: asksForPadding };
  const type = file.image_processor_type ?? file.feature_extractor_type ?? '';
  const known = processorDefaults(type);
  const defaults = known ?? fallbackDefaults;
  const warnings = known
    ? []
    : [
        {
          en: `The image processor "${type || 'not named'}" is not known: what its file leaves out was taken from ViT's.`,
          ko: `알 수 없는 이미지 프로세서입니다("${type || '이름 없음'}"). 파일에 없는 값은 ViT의 기본값을 사용했습니다.`,
        },
      ];
  return {
    ...geometryOf(file, defaults),
    ...valuesOf(file, defaults),
    planes: (file.do_flip_channel_order ?? defaults.flipsChannels) ? 'bgr' : 'rgb',
    warnings,
  };
}

/** Newer processors write null for what is not set. Only for `crop_pct` null differs from silence. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([key, entry]) => entry !== null || key === 'crop_pct');
  return Object.fromEntries(entries.map(([key, entry]) => [key, withoutNulls(entry)]));
}

/** Everything that is done to values, as one scale, mean and deviation. */
function valuesOf(file: ProcessorConfig, defaults: ProcessorDefaults): Pick<ImageProcessor, 'scale' | 'mean' | 'std'> {
  const normalizes = file.do_normalize ?? defaults.normalizes;
  const rescales = file.do_rescale ?? true;
  const offset = rescales && file.rescale_offset === true ? 1 : 0;
  const mean = normalizes ? (file.image_mean ?? defaults.mean) : zero;
  const std = file.image_std ?? defaults.std;
  // EfficientNet's processor divides once more for classifiers.
  const divisions = (normalizes ? 1 : 0) + ((file.include_top ?? defaults.dividesAgain) ? 1 : 0);
  return {
    scale: rescales ? (file.rescale_factor ?? 1 / 255) : 1,
    mean: normalizes || offset > 0 ? map3(mean, (value) => value + offset) : null,
    std: divisions > 0 ? map3(std, (value) => value ** divisions) : null,
  };
}

type Triple = readonly [number, number, number];
const zero: Triple = [0, 0, 0];
const map3 = ([red, green, blue]: Triple, change: (value: number) => number): Triple => [
  change(red),
  change(green),
  change(blue),
];

function geometryOf(file: ProcessorConfig, defaults: ProcessorDefaults): Pick<ImageProcessor, 'resize' | 'crop'> {
  const filter = filters[file.resample ?? defaults.resample] ?? 'bilinear';
  const crops = file.do_center_crop ?? defaults.crop !== null;
  const crop = crops ? squareOf(file.crop_size ?? defaults.crop ?? defaults.cropIfAsked ?? 224) : null;
  if (file.do_resize === false) return { resize: null, crop };
  const size = sizeOf(file.size, defaults);
  if (defaults.resizeRule === 'convnext') return convNextGeometry(size, file.crop_pct ?? 224 / 256, filter);
  // A crop_pct of null is a choice: no margin around the crop.
  const cropPct = file.crop_pct === undefined ? defaults.cropPct : file.crop_pct;
  return { resize: { size: enlargedSize(size, { rule: defaults.resizeRule, cropPct }), filter }, crop };
}

function sizeOf(size: ProcessorConfig['size'], defaults: ProcessorDefaults): HuggingfaceSize {
  if (size === undefined) return defaults.size;
  if (typeof size !== 'number') return size;
  return 'shortest_edge' in defaults.size ? { shortest_edge: size } : { height: size, width: size };
}

/** LeViT and PoolFormer resize to more than their size, so that the crop has a margin. */
function enlargedSize(
  size: HuggingfaceSize,
  { rule, cropPct }: { rule: ProcessorDefaults['resizeRule']; cropPct: number | null },
): HuggingfaceSize {
  if (rule === 'levit' && 'shortest_edge' in size)
    return { shortest_edge: Math.trunc((256 / 224) * size.shortest_edge) };
  if (rule !== 'poolformer' || cropPct === null || 'max_height' in size) return size;
  if ('shortest_edge' in size) return { shortest_edge: Math.trunc(size.shortest_edge / cropPct) };
  const [height, width] = [Math.trunc(size.height / cropPct), Math.trunc(size.width / cropPct)];
  return height === width ? { shortest_edge: height } : { height, width };
}

/** ConvNext below 384 px: short side to size / crop_pct, then the middle; from 384 px on both sides, proportions lost. */
function convNextGeometry(
  size: HuggingfaceSize,
  cropPct: number,
  filter: PilFilter,
): Pick<ImageProcessor, 'resize' | 'crop'> {
  const side = 'shortest_edge' in size ? size.shortest_edge : 'height' in size ? size.height : size.max_height;
  if (side >= 384) return { resize: { size: { height: side, width: side }, filter }, crop: null };
  return {
    resize: { size: { shortest_edge: Math.trunc(side / cropPct) }, filter },
    crop: { height: side, width: side },
  };
}

const squareOf = (size: number | Size): Size => (typeof size === 'number' ? { height: size, width: size } : size);

/** The size every picture ends with, px; null where it depends on the picture. */
export function outputSize({ resize, crop }: ImageProcessor): Size | null {
  if (crop) return crop;
  return resize && 'width' in resize.size ? resize.size : null;
}

/** A picture as the model sees it: resized with Pillow's kernels, cropped, scaled, normalised. */
export function processImage(image: RgbImage, processor: ImageProcessor): { data: Float32Array; dims: number[] } {
  const { scale, mean, std, planes } = processor;
  const cropped = resizedAndCropped(image, processor);
  const data = toChw(cropped, { scale, planes, ...(mean ? { mean } : {}), ...(std ? { std } : {}) });
  return { data, dims: [1, 3, cropped.height, cropped.width] };
}

function resizedAndCropped(image: RgbImage, { resize, crop }: ImageProcessor): RgbImage {
  const cropOptions = crop && ({ ...crop, fill: [0, 0, 0], oddRest: 'down' } as const);
  if (!resize) return cropOptions ? centerCrop(image, cropOptions) : image;
  const size = resizedSize(image, resize.size);
  if (cropOptions) return resizeAndCrop(image, size, resize.filter, cropOptions);
  if (size.width * size.height > resizedPixelsMax) {
    const made = `${size.width}×${size.height}`;
    throw tooThin(image, { en: `${made} px`, ko: `${made}px` });
  }
  return resizePil(image, size, resize.filter);
}

/** Far more than any model takes: only the short side of a long and thin picture, brought to its size, asks for that. */
const resizedPixelsMax = 100e6;

function resizedSize(image: RgbImage, rule: HuggingfaceSize): Size {
  try {
    return huggingfaceResizedSize(image, rule);
  } catch (error) {
    if (error instanceof RangeError) throw tooThin(image, { en: 'less than one px', ko: '1px 미만' });
    throw error;
  }
}

const tooThin = ({ width, height }: Size, outcome: Words) =>
  fail('IMAGE_UNSUPPORTED', {
    reason: {
      en: `A picture of ${width}×${height} px is too long and thin for this model, whose preprocessing makes ${outcome.en} of it.`,
      ko: `${width}×${height}px 이미지는 너무 길고 좁아서 이 모델에 사용할 수 없습니다(전처리 결과: ${outcome.ko}).`,
    },
  });
