import {
  coefficientsAt,
  cropRuleOf,
  type Detections,
  inputMask,
  maskPolygon,
  maskToImage,
  type Placement,
  type Prototypes,
  retinaMask,
  unletterboxBoxes,
  unletterboxPoints,
} from '@lensgate/vision';
import {
  defineFamily,
  type Instance,
  predictedBoxes,
  type Recognition,
  type Tensor,
} from '@lensgate/worker-kit/family';
import { feedLetterboxed } from '../input.js';
import { confirmYolo, detect, nmsOptions, outputAt, recognizeYolo, type YoloSpec } from '../yolo-output.js';

/** Coefficients of a detection, and prototypes of a picture. */
const maskCount = 32;

/**
 * Instance segmentation in the layout of YOLOv8, 11 and 12: `output0` [1, 4 + classes + 32, anchors] with mask coefficients
 * behind the classes, `output1` [1, 32, height / 4, width / 4] with prototypes.
 */
export const yoloSegment = defineFamily<YoloSpec, Placement>({
  name: 'yolo-segment',
  taskType: 'instance_segmentation',
  optionsRead: [...nmsOptions, 'retina_masks', 'masks'],

  recognize: (facts) => recognizeYolo(facts, { task: 'segment', outputRanks: [3, 4] }),

  confirm(recognized, outputs): Recognition<YoloSpec> {
    const { dims } = outputAt(outputs, recognized.spec, 1);
    if (dims.length !== 4 || dims[0] !== 1 || dims[1] !== maskCount) {
      const shape = `[${dims.join(', ')}]`;
      return {
        refusal: {
          en: `The output ${shape} is not [1, ${maskCount}, height, width] of mask prototypes.`,
          ko: `출력 ${shape}의 형태가 마스크 프로토타입의 [1, ${maskCount}, height, width]와 다릅니다.`,
        },
      };
    }
    return confirmYolo(recognized, outputs, { extraRows: maskCount });
  },

  preprocess(image, { input }) {
    const { feeds, placement } = feedLetterboxed(image, input);
    return { feeds, context: placement };
  },

  postprocess({ outputs, spec, context: placement, image, options, labelOf }) {
    const output = outputAt(outputs, spec, 0);
    const found = detect(output, options, { extraRows: maskCount });
    const boxes = unletterboxBoxes(found.boxes, placement);
    const predicted = predictedBoxes({ boxes, scores: found.scores, classes: found.classes }, labelOf);
    const prototypes = prototypesOf(outputAt(outputs, spec, 1));
    const maskOf = options.retina_masks ? retinaInstance : inputInstance;

    /** Ultralytics drops a detection whose mask is empty. */
    function* instances(): Generator<Instance> {
      const cropRule = cropRuleOf(found.count);
      for (const [index, box] of predicted.entries()) {
        const coefficients = coefficientsOf(output, found, index);
        const instance = maskOf({
          prototypes,
          coefficients,
          cropRule,
          boxes,
          inputBoxes: found.boxes,
          index,
          image,
          placement,
        });
        if (instance) yield { box, ...instance };
      }
    }
    return { kind: 'instances', instances: instances(), countMax: found.count };
  },
});

interface InstanceInput {
  readonly prototypes: Prototypes;
  readonly coefficients: Float32Array;
  readonly cropRule: ReturnType<typeof cropRuleOf>;
  /** [n, 4] xyxy, px of the picture */
  readonly boxes: Float32Array;
  /** [n, 4] xyxy, px of the input */
  readonly inputBoxes: Float32Array;
  readonly index: number;
  readonly image: { readonly width: number; readonly height: number };
  readonly placement: Placement;
}

type MaskAndOutline = Pick<Instance, 'mask' | 'polygon'>;

/** `retina_masks`: the mask is made at the picture's size. */
function retinaInstance({ boxes, index, image, ...rest }: InstanceInput): MaskAndOutline | undefined {
  const mask = retinaMask({ ...rest, box: boxes.subarray(index * 4, index * 4 + 4) }, image);
  return mask.area > 0 ? { mask, polygon: () => maskPolygon(mask) } : undefined;
}

/** Otherwise the mask is made at the input's size, and outline and mask are brought to the picture. */
function inputInstance({ inputBoxes, index, image, placement, ...rest }: InstanceInput): MaskAndOutline | undefined {
  const input = { width: placement.inputWidth, height: placement.inputHeight };
  const mask = inputMask({ ...rest, box: inputBoxes.subarray(index * 4, index * 4 + 4) }, input);
  if (mask.area === 0) return undefined;
  return { mask: maskToImage(mask, image), polygon: () => unletterboxPoints(maskPolygon(mask), placement) };
}

function coefficientsOf(
  output: Tensor,
  { anchors, anchorCount, classCount }: Detections & { anchorCount: number; classCount: number },
  index: number,
): Float32Array {
  const options = { anchor: anchors[index]!, anchorCount, firstRow: 4 + classCount, count: maskCount };
  return coefficientsAt(output.data as Float32Array, options);
}

function prototypesOf({ data, dims }: Tensor): Prototypes {
  const [, count = 0, height = 0, width = 0] = dims;
  return { data: data as Float32Array, count, height, width };
}
