import type { HuggingfaceSize } from '@lensgate/vision';

/** What an image processor of transformers does where its file is silent. */
export interface ProcessorDefaults {
  readonly size: HuggingfaceSize;
  /** How the size is understood: as it stands, or as the size of a later crop that a margin is added to. */
  readonly resizeRule: 'plain' | 'convnext' | 'levit' | 'poolformer';
  /** For the rule of PoolFormer. */
  readonly cropPct: number | null;
  /** Pillow's number of a filter. */
  readonly resample: number;
  /** Side of the square that is cut out, px; null for none. */
  readonly crop: number | null;
  /** The same where only the file asks for a cut, and not for its size. */
  readonly cropIfAsked?: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly normalizes: boolean;
  /** A second division by the deviation, `include_top`. */
  readonly dividesAgain: boolean;
  /** BGR instead of RGB. */
  readonly flipsChannels: boolean;
}

const square = (side: number): HuggingfaceSize => ({ height: side, width: side });
const shortest = (side: number): HuggingfaceSize => ({ shortest_edge: side });

/** `IMAGENET_STANDARD_MEAN`, `IMAGENET_DEFAULT_MEAN` and `OPENAI_CLIP_MEAN` of transformers, with their deviations. */
const standard = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] } as const;

const bilinear = 2;
const bicubic = 3;

const plain = {
  resizeRule: 'plain',
  cropPct: null,
  crop: null,
  normalizes: true,
  dividesAgain: false,
  flipsChannels: false,
} as const;

const vit: ProcessorDefaults = { ...plain, ...standard, size: square(224), resample: bilinear };
const clipLike: ProcessorDefaults = { ...plain, ...clip, size: shortest(224), resample: bicubic, crop: 224 };
const mobileNet: ProcessorDefaults = { ...plain, ...standard, size: shortest(256), resample: bilinear, crop: 224 };

/** Without the endings of their classes. Source: transformers 5, `image_processing_*.py`. */
const defaultsByName: Readonly<Record<string, ProcessorDefaults>> = {
  ViT: vit,
  DeiT: { ...plain, ...standard, size: square(256), resample: bicubic, crop: 224 },
  Beit: { ...plain, ...standard, size: square(224), resample: bicubic },
  Siglip: { ...plain, ...standard, size: square(224), resample: bicubic },
  Bit: clipLike,
  CLIP: clipLike,
  ConvNext: { ...plain, ...standard, size: shortest(384), resample: bicubic, resizeRule: 'convnext' },
  Levit: { ...plain, ...imagenet, size: shortest(224), resample: bicubic, crop: 224, resizeRule: 'levit' },
  PoolFormer: {
    ...plain,
    ...imagenet,
    size: shortest(224),
    resample: bicubic,
    crop: 224,
    resizeRule: 'poolformer',
    cropPct: 0.9,
  },
  EfficientNet: {
    ...plain,
    ...standard,
    size: square(346),
    resample: bicubic,
    cropIfAsked: 289,
    dividesAgain: true,
  },
  MobileNetV1: mobileNet,
  MobileNetV2: mobileNet,
  MobileViT: {
    ...plain,
    ...standard,
    size: shortest(224),
    resample: bilinear,
    crop: 256,
    normalizes: false,
    flipsChannels: true,
  },
};

/** For a processor that is not known: the commonest one. */
export const fallbackDefaults = vit;

/**
 * Defaults by the processor's class, `ViTImageProcessor`, `ViTImageProcessorFast` or `ViTFeatureExtractor`.
 * @returns undefined where it is not known
 */
export const processorDefaults = (type: string): ProcessorDefaults | undefined =>
  defaultsByName[type.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '')];
