import { type Placement, unletterboxBoxes } from '@lensgate/vision';
import { defineFamily, predictedBoxes } from '@lensgate/worker-kit/family';
import { feedLetterboxed } from '../input.js';
import { confirmYolo, detect, nmsOptions, outputAt, recognizeYolo, type YoloSpec } from '../yolo-output.js';

const extraRows = 0;

/**
 * Detection in the layout of YOLOv8, v9, 11 and 12: `output0` [1, 4 + classes, anchors], rows centre x, centre y, width,
 * height in input px, then the classes' sigmoid scores.
 */
export const yoloDetect = defineFamily<YoloSpec, Placement>({
  name: 'yolo-detect',
  taskType: 'object_detection',
  optionsRead: nmsOptions,

  recognize: (facts) => recognizeYolo(facts, { task: 'detect', outputRanks: [3] }),

  confirm: (recognized, outputs) => confirmYolo(recognized, outputs, { extraRows }),

  preprocess(image, { input }) {
    const { feeds, placement } = feedLetterboxed(image, input);
    return { feeds, context: placement };
  },

  postprocess({ outputs, spec, context: placement, options, labelOf }) {
    const { boxes, scores, classes } = detect(outputAt(outputs, spec, 0), options, { extraRows });
    const placed = { boxes: unletterboxBoxes(boxes, placement), scores, classes };
    return { kind: 'detections', boxes: predictedBoxes(placed, labelOf) };
  },
});
