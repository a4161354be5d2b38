import type { Answer } from './answer.js';
import { colourOfClass } from './class-colours.js';
import { drawDetections } from './draw.js';
import { overlayPictures } from './overlay.js';
import { type RenderInput, type Rendering, sizedFields } from './rendering.js';

export function renderDetections(input: RenderInput<Extract<Answer, { kind: 'detections' }>>): Rendering {
  const { canvas, answer, options, classNames } = input;
  if (canvas) {
    const colourOf = colourOfClass(classNames);
    drawDetections(
      canvas,
      answer.boxes.map((box) => ({ ...box, colour: colourOf(box.label) })),
    );
  }
  return {
    result: {
      task_type: 'object_detection',
      ...sizedFields(input),
      predicted_boxes: [...answer.boxes],
      num_detections: answer.boxes.length,
    },
    pictures: overlayPictures(canvas, options),
  };
}
