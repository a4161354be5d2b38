import type { InferenceOutcome } from './work.js';

export const roundMs = (ms: number) => Math.round(ms * 100) / 100;

/** The `Server-Timing` header: where the time of one request went, ms. */
export function serverTiming({ timings }: InferenceOutcome, before: { uploadMs: number; queueMs: number }): string {
  const spans = {
    upload: before.uploadMs,
    queue: before.queueMs,
    decode: timings.decodeMs,
    preprocess: timings.preprocessMs,
    run: timings.runMs,
    postprocess: timings.postprocessMs,
    render: timings.renderMs,
    encode: timings.encodeMs,
  };
  return Object.entries(spans)
    .map(([name, ms]) => `${name};dur=${roundMs(Math.max(0, ms))}`)
    .join(', ');
}
