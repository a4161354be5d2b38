import type { InferenceOptions, PictureField, TaskResult } from '@lensgate/contracts';
import type { RgbImage } from '@lensgate/vision';
import type { Answer } from './answer.js';
import { colourOfClass } from './class-colours.js';
import { drawDetections, drawTopClasses, type RgbaImage, toRgbaImage } from './draw.js';
import { encodeOverlay } from './encode.js';

export interface RenderInput {
  readonly image: RgbImage;
  readonly answer: Answer;
  readonly options: InferenceOptions;
  readonly warnings: readonly string[];
  /** Every class of the checkpoint, where they have names: colours follow from all of them. */
  readonly classNames: readonly string[] | null;
}

export interface Rendered {
  readonly result: TaskResult;
  readonly pictures: readonly { readonly field: PictureField; readonly bytes: Uint8Array }[];
  readonly renderMs: number;
  readonly encodeMs: number;
}

/** Makes the result and its pictures of what a family has answered. */
export async function renderAnswer({ image, answer, options, warnings, classNames }: RenderInput): Promise<Rendered> {
  const result = resultOf(image, answer, warnings);
  if (!options.overlay) return { result, pictures: [], renderMs: 0, encodeMs: 0 };
  const startedAt = performance.now();
  const canvas = draw(image, answer, classNames);
  const drawnAt = performance.now();
  const overlay = await encodeOverlay(canvas, options.image_format);
  return {
    result,
    pictures: [{ field: 'overlay_base64', bytes: overlay }],
    renderMs: drawnAt - startedAt,
    encodeMs: performance.now() - drawnAt,
  };
}

function resultOf({ width, height }: RgbImage, answer: Answer, warnings: readonly string[]): TaskResult {
  const sized = { image_width: width, image_height: height, warnings: [...warnings] };
  switch (answer.kind) {
    case 'detections':
      return {
        task_type: 'object_detection',
        ...sized,
        predicted_boxes: [...answer.boxes],
        num_detections: answer.boxes.length,
      };
    case 'classes': {
      const [best] = answer.predictions;
      return {
        task_type: 'image_classification',
        ...sized,
        predicted_label: best?.label ?? '',
        predicted_label_id: best?.label_id ?? -1,
        confidence: best?.confidence ?? 0,
        predictions: [...answer.predictions],
        top5_predictions: answer.predictions.slice(0, 5),
      };
    }
  }
}

function draw(image: RgbImage, answer: Answer, classNames: readonly string[] | null): RgbaImage {
  const canvas = toRgbaImage(image as { width: number; height: number; data: Uint8Array });
  switch (answer.kind) {
    case 'detections': {
      const colourOf = colourOfClass(classNames, answer.boxes);
      drawDetections(
        canvas,
        answer.boxes.map((box) => ({ ...box, colour: colourOf(box.label) })),
      );
      break;
    }
    case 'classes': {
      const colourOf = colourOfClass(classNames, answer.predictions);
      drawTopClasses(
        canvas,
        answer.predictions.map((prediction) => ({ ...prediction, colour: colourOf(prediction.label) })),
      );
      break;
    }
  }
  return canvas;
}
