import type { InferenceOptions, PredictedBox, PredictedMask } from '@lensgate/contracts';
import { encodeRle, instancePalette, type Mask } from '@lensgate/vision';
import type { Answer, Instance } from './answer.js';
import { colourOfClass } from './class-colours.js';
import { blendMask, drawDetections, drawStyleFor, outlineMask } from './draw.js';
import { encodeIndexedPng } from './encode.js';
import { freeMemory } from './free-memory.js';
import { forEachRun, longRunPx } from './mask-runs.js';
import { overlayPictures } from './overlay.js';
import { roundPx } from './predicted-boxes.js';
import { type Picture, type RenderInput, type Rendering, sizedFields } from './rendering.js';

const maskOpacity = 0.45;

/**
 * Every instance is outlined, drawn and numbered while its mask is at hand; then the mask is let go. Where instances
 * overlap the most confident one, which comes first, lies on top: mixed colours would name no class.
 */
export function renderInstances(input: RenderInput<Extract<Answer, { kind: 'instances' }>>): Rendering {
  const { image, canvas, answer, options, classNames } = input;
  const hasMasks = options.masks !== 'none';
  const numbers = hasMasks || canvas ? numberMap(image.width * image.height, answer.countMax) : undefined;
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
    const visible = canvas ? new Uint8Array(mask.data.length) : undefined;
    if (numbers) claim(numbers, mask, number, visible);
    if (canvas && visible) {
      const colour = colourOf(box.label);
      const region = { x: mask.left, y: mask.top, width: mask.width, height: mask.height, data: visible };
      blendMask(canvas, region, colour, maskOpacity);
      outlineMask(canvas, region, colour, outlinePx);
      freeMemory(visible);
    }
    freeMemory(mask.data);
  }
  if (canvas) {
    drawDetections(
      canvas,
      boxes.map((box) => ({ ...box, colour: colourOf(box.label) })),
    );
  }
  const numbered: Picture[] =
    numbers && hasMasks
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

/**
 * Gives the instance the pixels that no other has yet. Most of a mask is in long runs, and most of these are free as a
 * whole.
 * @param visible [height, width] of the mask: set to 1 where the pixel is now its own
 */
function claim(numbers: Uint8Array | Uint16Array, mask: Mask, number: number, visible: Uint8Array | undefined): void {
  const { frame, left, top, width } = mask;
  const held = bytesOf(numbers);
  const { BYTES_PER_ELEMENT: size } = numbers;
  const free = Buffer.alloc(width * size);
  forEachRun(mask, (y, from, to) => {
    const start = (top + y) * frame.width + left + from;
    const end = start + to - from;
    const ownStart = y * width + from;
    const isFree = to - from >= longRunPx && held.compare(free, 0, (to - from) * size, start * size, end * size) === 0;
    if (isFree) {
      numbers.fill(number, start, end);
      visible?.fill(1, ownStart, ownStart + to - from);
      return;
    }
    for (let at = start; at < end; at++) {
      if (numbers[at] !== 0) continue;
      numbers[at] = number;
      if (visible) visible[ownStart + at - start] = 1;
    }
  });
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

async function encodeNumbers(
  numbers: Uint8Array | Uint16Array,
  { width, height }: { width: number; height: number },
  count: number,
): Promise<Uint8Array> {
  const { bytes } = await encodeIndexedPng(numbers, { width, height, palette: instancePalette(count) });
  freeMemory(numbers);
  return bytes;
}
