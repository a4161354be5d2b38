import type { InferenceOptions, TaskType, Words } from '@lensgate/contracts';
import type { RgbImage } from '@lensgate/vision';
import type { Answer } from './answer.js';
import type { OnnxFacts } from './onnx-file.js';

/** A tensor going into or coming out of a session. */
export interface Tensor {
  readonly type: 'float32' | 'float16' | 'uint8' | 'int32' | 'int64' | 'bool';
  readonly data: Float32Array | Uint16Array | Uint8Array | Int32Array | BigInt64Array;
  readonly dims: readonly number[];
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** What a family has made of a checkpoint: how it is fed and read. */
export interface Recognized<Spec> {
  readonly spec: Spec;
  /** Size of the input where the graph fixes it. */
  readonly inputWidth: number | null;
  readonly inputHeight: number | null;
  readonly classCount: number | null;
  /** Class names that the checkpoint itself carries, by id. */
  readonly classNames: readonly string[] | null;
  /** Said with every answer. */
  readonly warnings: readonly Words[];
}

/** Why a checkpoint is not run. */
export interface Refusal {
  readonly refusal: Words;
}

export type Recognition<Spec> = Recognized<Spec> | Refusal;

export interface Prepared<Context> {
  readonly feeds: Tensors;
  /** What postprocessing must know of preprocessing, as one value. */
  readonly context: Context;
}

export interface PostprocessInput<Spec, Context> {
  readonly outputs: Tensors;
  readonly spec: Spec;
  readonly context: Context;
  readonly image: RgbImage;
  readonly options: InferenceOptions;
  /** Name of a class. */
  readonly labelOf: (classId: number) => string;
}

/** How one kind of checkpoint is fed and read. A worker lists its families; the first that recognizes a checkpoint runs it. */
export interface Family<Spec = unknown, Context = unknown> {
  /** Such as `yolo-detect`. */
  readonly name: string;
  readonly taskType: TaskType;
  /** The options that change this family's answer; others are told to the caller as ignored. */
  readonly optionsRead: readonly (keyof InferenceOptions)[];
  /**
   * Looks at the graph's inputs, outputs and metadata.
   * @returns null when the checkpoint is not of this family; a refusal when it is, but cannot be run
   */
  recognize(facts: OnnxFacts): Recognition<Spec> | null;
  /**
   * Checks what was recognized against the real outputs for a test picture, whose shapes a graph may leave open.
   * @returns what was recognized, completed by what only the outputs show, or a refusal
   */
  confirm(recognized: Recognized<Spec>, outputs: Tensors): Recognition<Spec>;
  preprocess(image: RgbImage, spec: Spec): Prepared<Context>;
  postprocess(input: PostprocessInput<Spec, Context>): Answer;
}

/** Keeps the types of a family while it is written, and drops them for the list it goes into. */
export const defineFamily = <Spec, Context>(family: Family<Spec, Context>): Family => family as Family;

/** @throws Error when the model did not give the output, which ONNX Runtime does not let happen */
export function outputNamed(outputs: Tensors, name: string): Tensor {
  const output = outputs[name];
  if (!output) throw new Error(`the model gave no ${name}`);
  return output;
}
