import {
  centerCrop,
  type HuggingfaceSize,
  huggingfaceResizedSize,
  type PilFilter,
  type RgbImage,
  resizePil,
  type Size,
  toChw,
} from '@lensgate/vision';
import { z } from 'zod';

const px = z.int().min(1).max(8_192);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const triples = z.union([triple, z.number().transform((value): [number, number, number] => [value, value, value])]);

const SizeSchema = z.union([
  z.object({ height: px, width: px }),
  z.object({ shortest_edge: px, longest_edge: px.optional() }),
  z.object({ max_height: px, max_width: px }),
  // An old form: the short side for processors that crop afterwards, both sides for the others.
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

/** What the image processors of transformers do where the file is silent. */
interface ProcessorDefaults {
  readonly size: z.infer<typeof SizeSchema>;
  readonly resample: number;
  readonly crop: number | null;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly rescaleOffset: boolean;
  readonly flipsChannels: boolean;
  readonly normalizes: boolean;
}

const half = [0.5, 0.5, 0.5] as const;
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] } as const;
const plain = { rescaleOffset: false, flipsChannels: false, normalizes: true } as const;

/** Defaults by processor, without the endings ImageProcessor, Fast and FeatureExtractor (transformers 5, `image_processing_*.py`). */
const defaultsByProcessor: Readonly<Record<string, ProcessorDefaults>> = {
  ViT: { size: 224, resample: 2, crop: null, mean: half, std: half, ...plain },
  DeiT: { size: { height: 256, width: 256 }, resample: 3, crop: 224, ...imagenet, ...plain },
  Beit: { size: { height: 256, width: 256 }, resample: 3, crop: null, mean: half, std: half, ...plain },
  ConvNext: { size: { shortest_edge: 384 }, resample: 2, crop: null, ...imagenet, ...plain },
  Bit: { size: { shortest_edge: 224 }, resample: 3, crop: 224, ...clip, ...plain },
  CLIP: { size: { shortest_edge: 224 }, resample: 3, crop: 224, ...clip, ...plain },
  Siglip: { size: 224, resample: 3, crop: null, mean: half, std: half, ...plain },
  Levit: { size: { shortest_edge: 224 }, resample: 3, crop: 224, ...imagenet, ...plain },
  Poolformer: { size: { shortest_edge: 224 }, resample: 3, crop: 224, ...imagenet, ...plain },
  PoolFormer: { size: { shortest_edge: 224 }, resample: 3, crop: 224, ...imagenet, ...plain },
  EfficientNet: { size: { height: 346, width: 346 }, resample: 0, crop: null, mean: half, std: half, ...plain },
  MobileNetV1: { size: { shortest_edge: 256 }, resample: 2, crop: 224, mean: half, std: half, ...plain },
  MobileNetV2: { size: { shortest_edge: 256 }, resample: 2, crop: 224, mean: half, std: half, ...plain },
  MobileViT: {
    size: { shortest_edge: 224 },
    resample: 2,
    crop: 256,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    rescaleOffset: false,
    flipsChannels: true,
    normalizes: false,
  },
};

/** How pictures are made into the model's input, with nothing left to look up. */
export interface ImageProcessor {
  readonly resize: { readonly size: HuggingfaceSize; readonly filter: PilFilter } | null;
  readonly crop: Size | null;
  readonly scale: number;
  readonly mean: readonly [number, number, number] | null;
  readonly std: readonly [number, number, number] | null;
  readonly planes: 'rgb' | 'bgr';
  readonly warnings: readonly string[];
}

/**
 * Reads `preprocessor_config.json` as written; what it leaves out is what its image processor does by default.
 * @returns a refusal in words for what cannot be read or is not known
 */
export function readImageProcessor(config: unknown): ImageProcessor | { refusal: string } {
  const parsed = ProcessorConfig.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      refusal: `preprocessor_config.json cannot be read: ${issue?.path.join('.') || 'file'}: ${issue?.message}.`,
    };
  }
  const file = parsed.data;
  const type = file.image_processor_type ?? file.feature_extractor_type ?? '';
  const name = type.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '');
  const known = defaultsByProcessor[name];
  const defaults = known ?? defaultsByProcessor.ViT!;
  if (file.do_pad === true)
    return { refusal: 'preprocessor_config.json asks for do_pad, which classifiers here do not do.' };
  const warnings = known
    ? []
    : [`The image processor "${type || 'not named'}" is not known: what its file leaves out was taken from ViT's.`];
  const normalizes = file.do_normalize ?? defaults.normalizes;
  const rescales = file.do_rescale ?? true;
  const offset = rescales && (file.rescale_offset ?? defaults.rescaleOffset) ? 1 : 0;
  const mean = normalizes ? (file.image_mean ?? defaults.mean) : ([0, 0, 0] as const);
  return {
    ...geometryOf(file, name, defaults),
    scale: rescales ? (file.rescale_factor ?? 1 / 255) : 1,
    mean: normalizes || offset > 0 ? [mean[0] + offset, mean[1] + offset, mean[2] + offset] : null,
    std: normalizes ? (file.image_std ?? defaults.std) : null,
    planes: (file.do_flip_channel_order ?? defaults.flipsChannels) ? 'bgr' : 'rgb',
    warnings,
  };
}

function geometryOf(
  file: ProcessorConfig,
  name: string,
  defaults: ProcessorDefaults,
): Pick<ImageProcessor, 'resize' | 'crop'> {
  const crops = file.do_center_crop ?? defaults.crop !== null;
  const cropSize = squareOf(file.crop_size ?? defaults.crop ?? 224);
  const size = file.size ?? defaults.size;
  const filter = filters[file.resample ?? defaults.resample] ?? 'bilinear';
  if (file.do_resize === false) return { resize: null, crop: crops ? cropSize : null };
  if (name === 'ConvNext') return convNextGeometry(size, file.crop_pct ?? 224 / 256, filter);
  const resizeSize: HuggingfaceSize =
    typeof size === 'number'
      ? crops
        ? { shortest_edge: size }
        : { height: size, width: size }
      : withoutUndefined(size);
  return { resize: { size: resizeSize, filter }, crop: crops ? cropSize : null };
}

/** ConvNext below 384 px: short side to size / crop_pct, then the middle; from 384 px on both sides, proportions lost. */
function convNextGeometry(
  size: z.infer<typeof SizeSchema>,
  cropPct: number,
  filter: PilFilter,
): Pick<ImageProcessor, 'resize' | 'crop'> {
  const side =
    typeof size === 'number'
      ? size
      : 'shortest_edge' in size
        ? size.shortest_edge
        : 'height' in size
          ? size.height
          : size.max_height;
  if (side >= 384) return { resize: { size: { height: side, width: side }, filter }, crop: null };
  return {
    resize: { size: { shortest_edge: Math.trunc(side / cropPct) }, filter },
    crop: { height: side, width: side },
  };
}

const squareOf = (size: number | Size): Size => (typeof size === 'number' ? { height: size, width: size } : size);

function withoutUndefined(size: Exclude<z.infer<typeof SizeSchema>, number>): HuggingfaceSize {
  if (!('shortest_edge' in size)) return size;
  const { shortest_edge, longest_edge } = size;
  return longest_edge === undefined ? { shortest_edge } : { shortest_edge, longest_edge };
}

/** The size every picture ends with, px; null where it depends on the picture. */
export function outputSize({ resize, crop }: ImageProcessor): Size | null {
  if (crop) return crop;
  return resize && 'width' in resize.size ? resize.size : null;
}

/** A picture as the model sees it: resized with Pillow's kernels, cropped, scaled, normalised. */
export function processImage(image: RgbImage, processor: ImageProcessor): { data: Float32Array; dims: number[] } {
  const { resize, crop, scale, mean, std, planes } = processor;
  const resized = resize ? resizePil(image, huggingfaceResizedSize(image, resize.size), resize.filter) : image;
  const cropped = crop ? centerCrop(resized, { ...crop, fill: [0, 0, 0], oddRest: 'down' }) : resized;
  const data = toChw(cropped, { scale, planes, ...(mean ? { mean } : {}), ...(std ? { std } : {}) });
  return { data, dims: [1, 3, cropped.height, cropped.width] };
}
