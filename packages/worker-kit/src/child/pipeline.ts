import type { ChildResult, ChildTimings, InferenceOptions, JobHints, PictureField } from '@lensgate/contracts';
import { decodeImage } from './decode.js';
import type { Tensors } from './family.js';
import { refuseNotFinite } from './finite-outputs.js';
import { freeMemory } from './free-memory.js';
import { ignoredOptions } from './ignored-options.js';
import type { LoadedModel } from './model.js';
import { overlayWarnings } from './overlay.js';
import { renderAnswer } from './render.js';

export interface PipelineInput {
  readonly image: Uint8Array;
  readonly options: InferenceOptions;
  readonly hints: JobHints;
  readonly pixelsMax: number;
}

export interface PipelineOutput {
  readonly result: ChildResult;
  readonly pictures: readonly { readonly field: PictureField; readonly bytes: Uint8Array }[];
  readonly timings: ChildTimings;
}

/**
 * One picture through the whole of it: decode → preprocess → run → postprocess → render → encode. What a step has made is
 * freed when the last one that reads it is done; of a picture that fails, V8 collects it.
 */
export async function runPipeline(model: LoadedModel, input: PipelineInput): Promise<PipelineOutput> {
  const { options, hints, pixelsMax } = input;
  const { family, recognized } = model;
  const startedAt = performance.now();
  const image = await decodeImage(input.image, { pixelsMax });
  const decodedAt = performance.now();
  const { feeds, context } = family.preprocess(image, recognized.spec);
  const preparedAt = performance.now();
  const outputs = await model.run(feeds);
  freeTensors(feeds);
  refuseNotFinite(outputs);
  const ranAt = performance.now();
  const classNames = recognized.classNames ?? hints.classNames ?? null;
  const labelOf = (classId: number) => classNames?.[classId] ?? String(classId);
  const answer = family.postprocess({ outputs, spec: recognized.spec, context, image, options, labelOf });
  const postprocessedAt = performance.now();
  const warnings = [
    ...image.warnings,
    ...recognized.warnings,
    ...ignoredOptions(options, family),
    ...overlayWarnings(image, options),
  ];
  // Nobody reads the pixels any more: the overlay is drawn on them.
  const canvas = options.overlay ? image : undefined;
  if (!canvas) freeMemory(image.data);
  const rendering = renderAnswer({ image, canvas, answer, options, warnings, classNames });
  const renderedAt = performance.now();
  freeTensors(outputs);
  const pictures = await Promise.all(
    rendering.pictures.map(async ({ field, encode }) => ({ field, bytes: await encode() })),
  );
  return {
    result: rendering.result,
    pictures,
    timings: {
      decodeMs: decodedAt - startedAt,
      preprocessMs: preparedAt - decodedAt,
      runMs: ranAt - preparedAt,
      postprocessMs: postprocessedAt - ranAt,
      renderMs: renderedAt - postprocessedAt,
      encodeMs: performance.now() - renderedAt,
    },
  };
}

const freeTensors = (tensors: Tensors): void => freeMemory(...Object.values(tensors).map(({ data }) => data));
