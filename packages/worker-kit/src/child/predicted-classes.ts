import type { LabelScore } from '@lensgate/contracts';
import { sigmoid, softmax, topK } from '@lensgate/vision';
import type { Tensor } from './family.js';
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
): { readonly classCount: number; readonly isDistribution: boolean } | { readonly refusal: string } {
  const shape = `[${dims.join(', ')}]`;
  const [batch, classCount = 0] = dims;
  if (dims.length !== 2 || batch !== 1 || type !== 'float32') {
    return { refusal: `The output is ${type} ${shape}, not float32 [1, classes].` };
  }
  if (classNames && classNames.length !== classCount) {
    return { refusal: `The output ${shape} has ${classCount} classes, the checkpoint names ${classNames.length}.` };
  }
  return { classCount, isDistribution: isDistribution(data as Float32Array) };
}
