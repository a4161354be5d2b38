import type { InferenceOptions, PredictedBox, PredictedMask } from '@lensgate/contracts';
import { encodeRle, type Mask } from '@lensgate/vision';
import type { Answer, Instance } from './answer.js';
import { colourOfClass } from './class-colours.js';
import { instancePalette } from './colours.js';
import { blendMask, drawDetections, drawStyleFor, outlineMask } from './draw.js';
import { encodeIndexedPng } from './encode.js';
import { overlayCanvas, overlayPictures } from './overlay.js';
import { roundPx } from './predicted-boxes.js';
import { type Picture, type RenderInput, type Rendering, sizedFields } from './rendering.js';

const maskOpacity = 0.45;

/** Every instance is outlined, drawn and numbered while its mask is at hand; then the mask is let go. */
export function renderInstances(input: RenderInput<Extract<Answer, { kind: 'instances' }>>): Rendering {
  const { image, answer, options, classNames } = input;
  const canvas = overlayCanvas(image, options);
  const numbers = options.masks === 'none' ? undefined : numberMap(image.width * image.height, answer.countMax);
  const outlinePx = Math.max(1, Math.round(drawStyleFor(image).lineWidthPx / 2));
  const colourOf = colourOfClass(classNames);
  const boxes: PredictedBox[] = [];
  const masks: PredictedMask[] = [];
  for (const instance of answer.instances) {
    const { box, mask } = instance;
    const number = boxes.push(box);
    masks.push({
      instance_id: number,
      class_id: box.class_id,
      confidence: box.confidence,
      ...shapeOf(instance, options),
    });
    if (numbers) writeNumber(numbers, mask, number);
    if (canvas) {
      const colour = colourOf(box.label);
      const region = { x: mask.left, y: mask.top, width: mask.width, height: mask.height, data: mask.data };
      blendMask(canvas, region, colour, maskOpacity);
      outlineMask(canvas, region, colour, outlinePx);
    }
  }
  if (canvas) {
    drawDetections(
      canvas,
      boxes.map((box) => ({ ...box, colour: colourOf(box.label) })),
    );
  }
  const numbered: Picture[] = numbers
    ? [{ field: 'predicted_mask_base64', encode: () => encodeNumbers(numbers, image, boxes.length) }]
    : [];
  return {
    result: {
      task_type: 'instance_segmentation',
      ...sizedFields(input),
      predicted_boxes: boxes,
      num_detections: boxes.length,
      predicted_masks: masks,
      num_instances: boxes.length,
    },
    pictures: [...overlayPictures(canvas, options), ...numbered],
  };
}

function shapeOf(instance: Instance, { masks }: InferenceOptions): Pick<PredictedMask, 'polygon' | 'rle'> {
  if (masks === 'none') return {};
  if (masks === 'rle') {
    const { size, counts } = encodeRle(instance.mask);
    return { rle: { size: [size[0], size[1]], counts } };
  }
  const points = instance.polygon();
  const polygon: [number, number][] = [];
  for (let at = 0; at < points.length; at += 2) polygon.push([roundPx(points[at]!), roundPx(points[at + 1]!)]);
  return { polygon };
}

/** A byte a pixel where the numbers fit. */
const numberMap = (pixels: number, countMax: number) =>
  countMax > 255 ? new Uint16Array(pixels) : new Uint8Array(pixels);

/** Where instances overlap the more confident one, which came first, keeps the pixel. */
function writeNumber(numbers: Uint8Array | Uint16Array, mask: Mask, number: number): void {
  const { frame, left, top, width, height, data } = mask;
  for (let y = 0; y < height; y++) {
    const row = (top + y) * frame.width + left;
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 1 && numbers[row + x] === 0) numbers[row + x] = number;
    }
  }
}

async function encodeNumbers(
  numbers: Uint8Array | Uint16Array,
  { width, height }: { width: number; height: number },
  count: number,
): Promise<Uint8Array> {
  const { bytes } = await encodeIndexedPng(numbers, { width, height, palette: instancePalette(count) });
  return bytes;
}
