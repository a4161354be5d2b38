import type { Recognized } from '@lensgate/worker-kit/family';
import { expect, test } from 'vitest';
import { imageClassifier } from './image-classifier.js';

type Spec = Parameters<typeof imageClassifier.confirm>[0] extends Recognized<infer S> ? S : never;

/** What is answered for these logits. */
function answerTo(logits: number[]) {
  const outputs = { logits: { type: 'float32' as const, data: Float32Array.from(logits), dims: [1, logits.length] } };
  const spec = { inputName: 'pixel_values', outputName: 'logits', processor: {}, activation: 'softmax' } as Spec;
  const base = { inputWidth: null, inputHeight: null, classCount: null, classNames: null, warnings: [] };
  const confirmed = imageClassifier.confirm({ spec, ...base }, outputs);
  if ('refusal' in confirmed) throw new Error(confirmed.refusal.en);
  const input = { outputs, spec: confirmed.spec, options: { top_k: 5 }, labelOf: String, context: null } as never;
  return imageClassifier.postprocess(input);
}

test('a classifier of one class answers its sigmoid, as transformers does', () => {
  expect(answerTo([-1.2])).toMatchObject({ predictions: [{ label_id: 0, confidence: expect.closeTo(0.2315, 3) }] });
});

test('a classifier of two classes answers their softmax', () => {
  expect(answerTo([1, 1])).toMatchObject({ predictions: [{ confidence: 0.5 }, { confidence: 0.5 }] });
});
