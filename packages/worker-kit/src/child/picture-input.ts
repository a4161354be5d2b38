import type { OnnxFacts } from './onnx-file.js';

/** The one input of a vision model: [n, 3, height, width] float32. */
export interface PictureInput {
  readonly name: string;
  /** px; null where the graph leaves it open */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/**
 * Reads the input of a model that takes one RGB picture.
 * @returns a refusal in words when it takes something else
 */
export function readPictureInput({ inputs }: Pick<OnnxFacts, 'inputs'>): PictureInput | { refusal: string } {
  const [input, ...others] = inputs;
  if (!input || others.length > 0)
    return { refusal: `The model has ${inputs.length} inputs; one picture is expected.` };
  const { name, elementType, shape } = input;
  if (shape?.length !== 4)
    return { refusal: `The input ${name} has ${shape?.length ?? 'no known number of'} axes, not 4.` };
  const [batch, channels, height, width] = shape;
  if (typeof batch === 'number' && batch !== 1) {
    return { refusal: `The model takes ${batch} pictures at once. Export it with a batch of 1 or a dynamic batch.` };
  }
  if (typeof channels === 'number' && channels !== 3) return { refusal: `The input has ${channels} channels, not 3.` };
  if (elementType !== 'float32')
    return { refusal: `The input is ${elementType}. Export the model in float32 (half=False).` };
  const size = typeof height === 'number' && typeof width === 'number' ? { width, height } : null;
  return { name, size };
}
