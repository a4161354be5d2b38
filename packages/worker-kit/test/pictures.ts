import sharp, { type Sharp } from 'sharp';

/** Small deterministic generator (mulberry32), 0 ≤ value < 1. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Samples {
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
  data: Uint8Array;
}

/** Smooth colours with a little noise: [height, width, channels]. */
export function somePixels(width: number, height: number, channels: 1 | 2 | 3 | 4 = 3, seed = 1): Samples {
  const random = seededRandom(seed);
  const data = new Uint8Array(width * height * channels);
  for (let at = 0; at < data.length; at++) {
    const channel = at % channels;
    const pixel = Math.floor(at / channels);
    const wave = Math.sin((pixel % width) / (9 + 5 * channel)) * Math.cos(Math.floor(pixel / width) / 11 + channel);
    data[at] = Math.round(128 + 105 * wave + 20 * (random() - 0.5));
  }
  return { width, height, channels, data };
}

/** An encoder fed with raw pixels. */
export function encoderOf({ data, width, height, channels }: Samples): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

/** Several frames of one size as an animation or a document of several pages. */
export function encoderOfFrames(frames: readonly Samples[]): Sharp {
  const inputs = frames.map(({ data, width, height, channels }) => ({ raw: { width, height, channels }, data }));
  const [first] = inputs;
  if (first === undefined) throw new Error('no frames');
  const stacked = Buffer.concat(inputs.map(({ data }) => data));
  const { width, height, channels } = first.raw;
  return sharp(stacked, { raw: { width, height: height * frames.length, channels, pageHeight: height } });
}
