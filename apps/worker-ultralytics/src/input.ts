import { letterboxToTensor, type Placement, type RgbImage } from '@lensgate/vision';
import { type OnnxFacts, type Refusal, readPictureInput, type Tensors } from '@lensgate/worker-kit/family';
import type { UltralyticsMetadata } from './metadata.js';

/** How a checkpoint is fed: input px, and the padding rule of models with open sizes. */
export interface LetterboxSpec {
  readonly inputName: string;
  readonly width: number;
  readonly height: number;
  /** Set when height and width are open: padding only goes to the next multiple of the stride. */
  readonly strideMultiple: number | null;
}

const openSizePx = 640;
const sidePxMax = 8_192;

/**
 * Reads `images` [n, 3, height, width]. The graph's own sizes are the truth; where it leaves them open the size is the
 * metadata's, or Ultralytics' default of 640.
 * @returns a refusal in words when this is no such input
 */
export function readInput(facts: OnnxFacts, metadata: UltralyticsMetadata): LetterboxSpec | Refusal {
  const input = readPictureInput(facts);
  if ('refusal' in input) return input;
  const size = input.size ?? openSize(metadata);
  if (Math.max(size.height, size.width) > sidePxMax) {
    const asked = `${size.width}×${size.height}`;
    return { refusal: { en: `The input of ${asked} px is too large.`, ko: `입력이 너무 큽니다(${asked}px).` } };
  }
  return { inputName: input.name, ...size, strideMultiple: input.size ? null : metadata.stride };
}

function openSize({ imgsz }: UltralyticsMetadata): { width: number; height: number } {
  const [height, width] = imgsz ?? [openSizePx, openSizePx];
  return { width, height };
}

/** The letterboxed picture as [1, 3, height, width], RGB, 0…1. */
export function feedLetterboxed(image: RgbImage, spec: LetterboxSpec): { feeds: Tensors; placement: Placement } {
  const { tensor, placement } = letterboxToTensor(image, {
    width: spec.width,
    height: spec.height,
    ...(spec.strideMultiple === null ? {} : { strideMultiple: spec.strideMultiple }),
  });
  const dims = [1, 3, placement.inputHeight, placement.inputWidth];
  return { feeds: { [spec.inputName]: { type: 'float32', data: tensor, dims } }, placement };
}
