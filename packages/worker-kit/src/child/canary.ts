import type { InferenceOptions } from '@lensgate/contracts';
import { defaultOptions } from '@lensgate/contracts/plain';
import sharp from 'sharp';

const size = { width: 320, height: 240 };

/** A picture with structure in it, as a JPEG: what a checkpoint is proved on before it is called ready. */
export function canaryImage(): Promise<Buffer> {
  const { width, height } = size;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      pixels[at] = (x * 255) / width;
      pixels[at + 1] = (y * 255) / height;
      pixels[at + 2] = ((x >> 4) + (y >> 4)) % 2 === 0 ? 220 : 40;
    }
  }
  return sharp(pixels, { raw: { ...size, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** Thresholds low enough that drawing and encoding have something to do. */
export const canaryOptions: InferenceOptions = { ...defaultOptions, confidence_threshold: 0.01, max_detections: 5 };
