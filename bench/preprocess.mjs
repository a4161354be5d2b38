// What the exact kernels cost: the time from a decoded picture to the model's input, next to the time that decoding took
// for the same request, for a framework that resizes like OpenCV and one that resizes like Pillow.
import { startStack } from '@lensgate/testing';
import { frameSize, jpegOf, photoSize } from './lib/pictures.mjs';
import { timingOf } from './lib/server-timing.mjs';
import { median, rounded } from './lib/statistics.mjs';

/** The first ones are slower: their code is compiled. */
const warmUpRequests = 20;
const requests = 30;
const jobs = [
  { id: 20, kernel: 'OpenCV bilinear to 320 px' },
  { id: 22, kernel: 'Pillow bilinear to 64 px' },
];

/** Medians of preprocess / decode, as an answer's Server-Timing has them. */
export async function preprocessCosts() {
  const stack = await startStack({ frameworks: ['ultralytics', 'timm'] });
  try {
    const results = [];
    for (const size of [photoSize, frameSize]) {
      const image = await jpegOf(size);
      for (const job of jobs) results.push(await measure(stack.gateway, job, size, image));
    }
    return results;
  } finally {
    await stack.close();
  }
}

/**
 * @param {import('@lensgate/testing').Stack['gateway']} gateway @param {(typeof jobs)[number]} job
 * @param {typeof photoSize} size @param {Buffer} image
 */
async function measure(gateway, { id, kernel }, { width, height }, image) {
  const times = [];
  for (let i = 0; i < warmUpRequests + requests; i++) {
    const { status, headers, body } = await gateway.quick(id, { image, fields: { overlay: 'false' } });
    if (status !== 200) throw new Error(JSON.stringify(body));
    const [decode, preprocess] = ['decode', 'preprocess'].map((part) => timingOf(headers['server-timing'], part));
    if (i >= warmUpRequests) times.push({ decode: decode ?? 0, preprocess: preprocess ?? 0 });
  }
  return {
    name: `preprocess / decode: ${width}×${height} JPEG, ${kernel} (job ${id})`,
    ratio: rounded(median(times.map(({ decode, preprocess }) => preprocess / decode))),
    preprocess_ms: rounded(median(times.map(({ preprocess }) => preprocess))),
    decode_ms: rounded(median(times.map(({ decode }) => decode))),
  };
}
