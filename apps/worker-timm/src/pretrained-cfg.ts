import type { PilFilter } from '@lensgate/vision';
import type { Refusal, Words } from '@lensgate/worker-kit/family';
import { jsonMetadata, type OnnxFacts, parsePythonLiteral, unreadableConfig } from '@lensgate/worker-kit/family';
import { z } from 'zod';

const size = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const cropPct = z.number().positive();

/** The keys of timm's `pretrained_cfg` that change pixels or names (timm `resolve_data_config`). */
const PretrainedCfg = z.object({
  input_size: size.optional(),
  test_input_size: size.nullish(),
  interpolation: z.enum(['bicubic', 'bilinear', 'nearest', 'lanczos', 'box', 'hamming', 'random']).optional(),
  crop_pct: cropPct.nullish(),
  test_crop_pct: cropPct.nullish(),
  crop_mode: z.enum(['center', 'squash', 'border']).nullish(),
  mean: triple.optional(),
  std: triple.optional(),
  label_names: z.array(z.string()).nullish(),
});

/** timm's defaults (`timm.data.constants`). */
const defaults = {
  side: 224,
  cropPct: 0.875,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/** How pictures are made into the model's input. */
export interface TimmConfig {
  readonly width: number;
  readonly height: number;
  readonly cropPct: number;
  readonly cropMode: 'center' | 'squash' | 'border';
  readonly interpolation: PilFilter;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly labelNames: readonly string[] | null;
  readonly warnings: readonly Words[];
}

/**
 * Reads `pretrained_cfg`, from the metadata key of that name or from a `config.json` kept there, as timm's
 * `resolve_data_config` does for evaluation. The graph's own size is the truth: `test_crop_pct` counts only when the graph
 * has the test size.
 * @param graphSize px, where the graph fixes it
 * @returns a refusal in words when a key has a value that timm does not know
 */
export function readPretrainedCfg(
  { metadata }: Pick<OnnxFacts, 'metadata'>,
  graphSize: { width: number; height: number } | null,
): TimmConfig | Refusal {
  const file = (jsonMetadata(metadata, 'config.json') ?? jsonMetadata(metadata, 'config')) as
    | Record<string, unknown>
    | undefined;
  const source = jsonMetadata(metadata, 'pretrained_cfg') ?? file?.pretrained_cfg;
  const parsed = PretrainedCfg.safeParse(source ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { refusal: unreadableConfig('pretrained_cfg', issue) };
  }
  const cfg = parsed.data;
  const testSize = cfg.test_input_size ?? null;
  const isTest =
    testSize === null || graphSize === null || (testSize[1] === graphSize.height && testSize[2] === graphSize.width);
  const [, height, width] = (isTest ? testSize : null) ?? cfg.input_size ?? [3, defaults.side, defaults.side];
  const warnings: Words[] = [];
  if (source === undefined) {
    warnings.push({
      en: "The checkpoint carries no pretrained_cfg: timm's defaults were used (bicubic, crop_pct 0.875, center crop, ImageNet mean and std).",
      ko: '체크포인트에 pretrained_cfg가 없습니다. timm의 기본값(bicubic, crop_pct 0.875, center crop, ImageNet 평균과 표준편차)을 사용했습니다.',
    });
  }
  if (cfg.interpolation === 'random')
    warnings.push({
      en: 'interpolation "random" is for training; bilinear was used.',
      ko: 'interpolation "random"은 학습용입니다. bilinear를 사용했습니다.',
    });
  return {
    width: graphSize?.width ?? width,
    height: graphSize?.height ?? height,
    cropPct: (isTest ? cfg.test_crop_pct : null) ?? cfg.crop_pct ?? defaults.cropPct,
    cropMode: cfg.crop_mode ?? 'center',
    interpolation: cfg.interpolation === 'random' ? 'bilinear' : (cfg.interpolation ?? 'bicubic'),
    mean: cfg.mean ?? defaults.mean,
    std: cfg.std ?? defaults.std,
    labelNames: cfg.label_names ?? labelNames(file) ?? pythonNames(metadata.names),
    warnings,
  };
}

function labelNames(file: Record<string, unknown> | undefined): readonly string[] | null {
  const parsed = z.array(z.string()).safeParse(file?.label_names);
  return parsed.success ? parsed.data : null;
}

/** `{0: 'a', 1: 'b'}`, as trainers that also export Ultralytics models write it. */
function pythonNames(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  try {
    const names = parsePythonLiteral(text);
    if (Array.isArray(names)) return names.map(String);
    if (!(names instanceof Map)) return null;
    return Array.from({ length: names.size }, (_, id) => String(names.get(id) ?? id));
  } catch {
    return null;
  }
}
