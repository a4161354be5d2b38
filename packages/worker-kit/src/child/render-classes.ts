import type { Answer } from './answer.js';
import { colourOfClass } from './class-colours.js';
import { drawTopClasses } from './draw.js';
import { overlayPictures } from './overlay.js';
import { type RenderInput, type Rendering, sizedFields } from './rendering.js';

const topCount = 5;
const noRoom = {
  en: 'The picture is too small to write the names of classes on it: the overlay is the picture as it is.',
  ko: '이미지가 너무 작아 클래스 이름을 쓸 수 없습니다. 오버레이는 원본 이미지 그대로입니다.',
};

export function renderClasses(input: RenderInput<Extract<Answer, { kind: 'classes' }>>): Rendering {
  const { canvas, answer, options, classNames } = input;
  const [best] = answer.predictions;
  if (!best) throw new Error('the model gave no class');
  const top = answer.predictions.slice(0, topCount);
  const colourOf = colourOfClass(classNames);
  const isDrawn =
    !canvas ||
    drawTopClasses(
      canvas,
      top.map((prediction) => ({ ...prediction, colour: colourOf(prediction.label) })),
    );
  const warnings = [...input.warnings, ...(isDrawn ? [] : [noRoom])];
  return {
    result: {
      task_type: 'image_classification',
      ...sizedFields({ ...input, warnings }),
      predicted_label: best.label,
      predicted_label_id: best.label_id,
      confidence: best.confidence,
      predictions: [...answer.predictions],
      top5_predictions: top,
    },
    pictures: overlayPictures(canvas, options),
  };
}
