import type { RgbImage, Size } from '../src/pixels/image.js';

/** Numbers in 0…1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A picture of noise with some flat and some saturated pixels. */
export function aPicture({ width, height }: Size, random: () => number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, () => Math.min(Math.floor(random() * 320), 255));
  return { width, height, data };
}

/** A whole number in low…high. */
export function wholeBetween(low: number, high: number, random: () => number): number {
  return low + Math.floor(random() * (high - low + 1));
}
