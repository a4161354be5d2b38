import type { InferenceOptions } from '@lensgate/contracts';
import { type Detections, detectionsOfYolo } from '@lensgate/vision';
import {
  type OnnxFacts,
  otherClassCount,
  outputNamed,
  type Recognition,
  type Recognized,
  type Tensor,
  type Tensors,
  type Words,
} from '@lensgate/worker-kit/family';
import { type LetterboxSpec, readInput } from './input.js';
import { readMetadata, type UltralyticsMetadata } from './metadata.js';

/** The part that all classical YOLO heads share (LAYOUTS: outputs): four rows of a box, one row a class, then extras. */
export interface YoloSpec {
  readonly input: LetterboxSpec;
  /** Names of the outputs, in the graph's order. */
  readonly outputNames: readonly string[];
}

const boxRows = 4;

/** The options that NMS reads. */
export const nmsOptions = [
  'confidence_threshold',
  'iou_threshold',
  'max_detections',
  'classes',
  'agnostic_nms',
] as const satisfies readonly (keyof InferenceOptions)[];

/**
 * Recognizes a checkpoint by its metadata's task and the number and ranks of its outputs.
 * @returns null when it is of another kind
 */
export function recognizeYolo(
  facts: OnnxFacts,
  expected: { task: string; outputRanks: readonly number[] },
): Recognition<YoloSpec> | null {
  const metadata = readMetadata(facts);
  if (metadata.task !== null && metadata.task !== expected.task) return null;
  const ranks = facts.outputs.map(({ shape }) => shape?.length);
  if (ranks.length !== expected.outputRanks.length) return null;
  if (ranks.some((rank, index) => rank !== undefined && rank !== expected.outputRanks[index])) return null;
  if (metadata.isEndToEnd) return { refusal: endToEnd };
  const input = readInput(facts, metadata);
  if ('refusal' in input) return input;
  return recognizedOf(facts, input, metadata);
}

const endToEnd: Words = {
  en: 'The checkpoint has its NMS in the graph (end2end or nms=True), which is not served. Export it with end2end=False and nms=False.',
  ko: '체크포인트의 그래프에 NMS가 들어 있는데(end2end 또는 nms=True) 지원하지 않습니다. end2end=False, nms=False로 내보내세요.',
};

function recognizedOf(facts: OnnxFacts, input: LetterboxSpec, { names }: UltralyticsMetadata): Recognized<YoloSpec> {
  return {
    spec: { input, outputNames: facts.outputs.map(({ name }) => name) },
    inputWidth: input.width,
    inputHeight: input.height,
    classCount: names?.length ?? null,
    classNames: names,
    warnings: [],
  };
}

/** Checks the shape of `output0` against the class names, and that its class rows can be scores. @param extraRows rows behind the classes */
export function confirmYolo(
  recognized: Recognized<YoloSpec>,
  outputs: Tensors,
  { extraRows }: { extraRows: number },
): Recognition<YoloSpec> {
  const { dims, type, data } = outputAt(outputs, recognized.spec, 0);
  const [batch, rows = 0, anchors = 0] = dims;
  const shape = `[${dims.join(', ')}]`;
  const layout = `[1, 4 + classes${extraRows > 0 ? ` + ${extraRows}` : ''}, anchors]`;
  if (type !== 'float32') {
    return {
      refusal: {
        en: `The output is ${type}; export the model with half=False.`,
        ko: `출력이 ${type}입니다. half=False로 모델을 내보내세요.`,
      },
    };
  }
  const classCount = rows - boxRows - extraRows;
  if (dims.length !== 3 || batch !== 1 || classCount < 1 || anchors < rows) {
    return {
      refusal: {
        en: `The output ${shape} is not ${layout} as YOLOv8 and 11 have it.`,
        ko: `출력 ${shape}의 형태가 YOLOv8과 11의 ${layout}와 다릅니다.`,
      },
    };
  }
  if (!areScores((data as Float32Array).subarray(boxRows * anchors, (boxRows + classCount) * anchors))) {
    return {
      refusal: {
        en: `The output ${shape} holds other numbers than scores from 0 to 1 where ${layout} has its classes: it is of another task (such as pose or rotated boxes), or says so only in metadata that the file has lost.`,
        ko: `출력 ${shape}에서 ${layout} 형태라면 클래스가 있을 자리에 0과 1 사이의 점수가 아닌 값이 있습니다. 다른 작업 유형(포즈, 회전 박스 등)의 모델이거나, 작업 유형을 알려 주는 메타데이터가 파일에서 사라진 것입니다.`,
      },
    };
  }
  const names = recognized.classNames;
  if (names && names.length !== classCount) {
    return { refusal: otherClassCount(shape, { found: classCount, named: names.length }) };
  }
  return { ...recognized, classCount };
}

/** Rounding may leave a sigmoid's values by a little. NaN is judged elsewhere. */
const areScores = (values: Float32Array): boolean => !values.some((value) => value < -1e-3 || value > 1 + 1e-3);

/** The detections of `output0` after NMS, in input px. */
export function detect(
  output: Tensor,
  options: InferenceOptions,
  { extraRows }: { extraRows: number },
): Detections & { readonly classCount: number; readonly anchorCount: number } {
  const [, rows = 0, anchorCount = 0] = output.dims;
  const classCount = rows - boxRows - extraRows;
  const found = detectionsOfYolo(output.data as Float32Array, {
    classCount,
    anchorCount,
    scoreMin: options.confidence_threshold,
    iouMax: options.iou_threshold,
    countMax: options.max_detections,
    scope: options.agnostic_nms ? 'agnostic' : 'per-class',
    ...(options.classes ? { classes: options.classes } : {}),
  });
  return { ...found, classCount, anchorCount };
}

/** One of the outputs, counted in the graph's order. */
export const outputAt = (outputs: Tensors, { outputNames }: YoloSpec, index: number): Tensor =>
  outputNamed(outputs, outputNames[index] ?? '');
