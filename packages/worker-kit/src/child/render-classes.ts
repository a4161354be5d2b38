import type { Answer } from './answer.js';
import { colourOfClass } from './class-colours.js';
import { drawTopClasses } from './draw.js';
import { overlayPictures } from './overlay.js';
import { type RenderInput, type Rendering, sizedFields } from './rendering.js';

const topCount = 5;

export function renderClasses(input: RenderInput<Extract<Answer, { kind: 'classes' }>>): Rendering {
  const { canvas, answer, options, classNames } = input;
  const [best] = answer.predictions;
  if (!best) throw new Error('the model gave no class');
  const top = answer.predictions.slice(0, topCount);
  if (canvas) {
    const colourOf = colourOfClass(classNames);
    drawTopClasses(
      canvas,
      top.map((prediction) => ({ ...prediction, colour: colourOf(prediction.label) })),
    );
  }
  return {
    result: {
      task_type: 'image_classification',
      ...sizedFields(input),
      predicted_label: best.label,
      predicted_label_id: best.label_id,
      confidence: best.confidence,
      predictions: [...answer.predictions],
      top5_predictions: top,
    },
    pictures: overlayPictures(canvas, options),
  };
}
