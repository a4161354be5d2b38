import type { LabelScore, Words } from '@lensgate/contracts';
import { sigmoid, softmax, topK } from '@lensgate/vision';
import type { Refusal, Tensor } from './family.js';
import { roundConfidence } from './predicted-boxes.js';

/** What turns a classifier's output into probabilities; `none` when the graph ends in one itself. */
export type Activation = 'softmax' | 'sigmoid' | 'none';

/**
 * Whether an output already is a probability distribution: raw logits within 0…1 that add up to 1 do not happen.
 * @param scores [classes]
 */
function isDistribution(scores: Float32Array): boolean {
  let sum = 0;
  for (const score of scores) {
    if (!(score >= 0 && score <= 1)) return false;
    sum += score;
  }
  return scores.length > 1 && Math.abs(sum - 1) < 1e-3;
}

/**
 * The most likely classes, best first.
 * @param scores [classes], as the model gave them
 */
export function predictedClasses(
  scores: Float32Array,
  { activation, countMax, labelOf }: { activation: Activation; countMax: number; labelOf: (classId: number) => string },
): LabelScore[] {
  const activate = { softmax, sigmoid, none: (values: Float32Array) => values }[activation];
  return topK(activate(scores), countMax).map(({ index, value }) => ({
    label_id: index,
    label: labelOf(index),
    confidence: roundConfidence(value),
  }));
}

/**
 * Checks the output of a classifier, [1, classes] float32, against the class names, and looks whether it is a distribution.
 * @returns a refusal in words, or what only the output shows
 */
export function confirmClasses(
  { dims, type, data }: Tensor,
  classNames: readonly string[] | null,
): { readonly classCount: number; readonly isDistribution: boolean } | Refusal {
  const shape = `[${dims.join(', ')}]`;
  const [batch, classCount = 0] = dims;
  if (dims.length !== 2 || batch !== 1 || type !== 'float32') {
    return {
      refusal: {
        en: `The output is ${type} ${shape}, not float32 [1, classes].`,
        ko: `출력이 float32 [1, classes]가 아니라 ${type} ${shape}입니다.`,
      },
    };
  }
  if (classNames && classNames.length !== classCount) {
    return { refusal: otherClassCount(shape, { found: classCount, named: classNames.length }) };
  }
  return { classCount, isDistribution: isDistribution(data as Float32Array) };
}

/** The refusal of an output that has another number of classes than the checkpoint names. */
export const otherClassCount = (shape: string, { found, named }: { found: number; named: number }): Words => ({
  en: `The output ${shape} has ${found} classes, the checkpoint names ${named}.`,
  ko: `출력 ${shape}의 클래스는 ${found}개인데 체크포인트에 적힌 클래스 이름은 ${named}개입니다.`,
});
