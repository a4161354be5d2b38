import { detectionsOfYolo, type Placement, unletterboxBoxes } from '@lensgate/vision';
import { defineFamily, predictedBoxes, type Recognition, type Tensors } from '@lensgate/worker-kit/family';
import { feedLetterboxed, type LetterboxSpec, readInput } from '../input.js';
import { readMetadata } from '../metadata.js';

interface Spec {
  readonly input: LetterboxSpec;
  readonly outputName: string;
}

const boxRows = 4;

/**
 * Detection in the layout of YOLOv8, v9, 11 and 12 (LAYOUTS: outputs): `output0` [1, 4 + classes, anchors], rows centre x,
 * centre y, width, height in input px, then the classes' sigmoid scores.
 */
export const yoloDetect = defineFamily<Spec, Placement>({
  name: 'yolo-detect',
  taskType: 'object_detection',
  optionsRead: ['confidence_threshold', 'iou_threshold', 'max_detections', 'classes', 'agnostic_nms'],

  recognize(facts) {
    const metadata = readMetadata(facts);
    if (metadata.task !== null && metadata.task !== 'detect') return null;
    const [output, ...others] = facts.outputs;
    if (!output || others.length > 0 || output.shape?.length !== 3) return null;
    if (metadata.isEndToEnd) {
      return {
        refusal:
          'The checkpoint has NMS in its graph (end2end or nms=True). Export it with end2end=False and nms=False.',
      };
    }
    const input = readInput(facts, metadata);
    if ('refusal' in input) return input;
    return {
      spec: { input, outputName: output.name },
      inputWidth: input.width,
      inputHeight: input.height,
      classCount: metadata.names?.length ?? null,
      classNames: metadata.names,
      warnings: [],
    };
  },

  confirm(recognized, outputs): Recognition<Spec> {
    const { dims, type } = outputOf(outputs, recognized.spec);
    const [batch, rows = 0, anchors = 0] = dims;
    const shape = `[${dims.join(', ')}]`;
    if (type !== 'float32') return { refusal: `The output is ${type}; export the model with half=False.` };
    if (dims.length !== 3 || batch !== 1 || rows <= boxRows || anchors < rows) {
      return { refusal: `The output ${shape} is not [1, 4 + classes, anchors] as YOLOv8 and 11 have it.` };
    }
    const classCount = rows - boxRows;
    const names = recognized.classNames;
    if (names && names.length !== classCount) {
      return {
        refusal: `The output ${shape} has ${classCount} classes, the checkpoint's metadata names ${names.length}.`,
      };
    }
    return { ...recognized, classCount };
  },

  preprocess(image, spec) {
    const { feeds, placement } = feedLetterboxed(image, spec.input);
    return { feeds, context: placement };
  },

  postprocess({ outputs, spec, context: placement, options, labelOf }) {
    const { data, dims } = outputOf(outputs, spec);
    const [, rows = 0, anchors = 0] = dims;
    const found = detectionsOfYolo(data as Float32Array, {
      classCount: rows - boxRows,
      anchorCount: anchors,
      scoreMin: options.confidence_threshold,
      iouMax: options.iou_threshold,
      countMax: options.max_detections,
      scope: options.agnostic_nms ? 'agnostic' : 'per-class',
      ...(options.classes ? { classes: options.classes } : {}),
    });
    const boxes = unletterboxBoxes(found.boxes, placement);
    return {
      kind: 'detections',
      boxes: predictedBoxes({ boxes, scores: found.scores, classes: found.classes }, labelOf),
    };
  },
});

function outputOf(outputs: Tensors, { outputName }: Spec) {
  const output = outputs[outputName];
  if (!output) throw new Error(`the model gave no ${outputName}`);
  return output;
}
