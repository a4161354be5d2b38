// What overlays, masks and mask PNGs cost for a crowd on a large picture: times as ratios within one run, and the peak
// resident memory of the child that drew them, which must not grow with the number of detections.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeConnections, rootDir, startWorker, withMetadata } from '@lensgate/testing';
import { peakResidentBytes } from './lib/peak-memory.mjs';
import { jpegOf } from './lib/pictures.mjs';
import { timingOf } from './lib/server-timing.mjs';
import { median, rounded } from './lib/statistics.mjs';

const width = 3840;
const height = 2160;
const few = 30;
const many = 300;
const repeats = 5;
const names =
  "{0: '가방', 1: '벨트', 2: '부츠', 3: '모자', 4: '코트', 5: '드레스', 6: '목도리', 7: '셔츠', 8: '구두', 9: '치마'}";

/** Answers of one warm child, each a median of several: { wall, render, encode } in ms, and its peak memory. */
async function measure(
  /** @type {Uint8Array} */ picture,
  /** @type {Uint8Array} */ model,
  /** @type {number} */ wanted,
) {
  const worker = await startWorker({ framework: 'ultralytics', env: { SPARES: '0' } });
  try {
    const { body: stored } = await worker.put(model);
    const ask = async (/** @type {Record<string, string | number | boolean>} */ fields) => {
      const startedAt = performance.now();
      const { status, headers, body } = await worker.quick(stored.sha256, {
        image: picture,
        fields: {
          task_type: 'instance_segmentation',
          num_classes: 10,
          confidence_threshold: 0.001,
          iou_threshold: 0.95,
          timeout_ms: 120_000,
          ...fields,
        },
      });
      if (status !== 200 || !('num_instances' in body)) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return {
        wall: performance.now() - startedAt,
        render: timingOf(headers['server-timing'], 'render'),
        encode: timingOf(headers['server-timing'], 'encode'),
        count: body.num_instances,
      };
    };
    const detections = await detectionsFor(wanted, async (max_detections) => {
      return (await ask({ max_detections, masks: 'none', overlay: false })).count;
    });
    const modes = {
      boxes: { masks: 'none', overlay: false },
      masks: { masks: 'polygon', overlay: false },
      overlay: { masks: 'polygon', overlay: true },
    };
    /** @type {Record<string, { wall: number, render: number, encode: number }>} */
    const times = {};
    for (const [mode, fields] of Object.entries(modes)) {
      const answers = [];
      for (let i = 0; i < repeats; i++) answers.push(await ask({ max_detections: detections, ...fields }));
      times[mode] = {
        wall: median(answers.map(({ wall }) => wall)),
        render: median(answers.map(({ render }) => render)),
        encode: median(answers.map(({ encode }) => encode)),
      };
    }
    return { instances: wanted, times, peakMb: Math.max(...worker.children().map(peakResidentBytes)) / 2 ** 20 };
  } finally {
    await closeConnections();
    await worker.close();
  }
}

/** How many detections to ask for: those with an empty mask are dropped. */
async function detectionsFor(/** @type {number} */ wanted, /** @type {(max: number) => Promise<number>} */ count) {
  let low = wanted;
  let high = 2 * wanted;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await count(middle)) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The overlay benchmark, as `npm run bench` prints it. */
export async function overlayCosts() {
  const picture = await jpegOf({ width, height });
  // Random weights see a crowd in any picture.
  const model = withMetadata(await readFile(join(rootDir, 'test/reference/synthetic/models/syn-seg.onnx')), { names });
  const small = await measure(picture, model, few);
  const large = await measure(picture, model, many);
  const ratio = (/** @type {number} */ value, /** @type {number} */ base) => rounded(value / base);
  return {
    name: `overlay and masks at ${width}×${height}, ${many} instances against ${few}`,
    peak_memory_mb: { [few]: Math.round(small.peakMb), [many]: Math.round(large.peakMb) },
    peak_memory_ratio: ratio(large.peakMb, small.peakMb),
    wall_ratio: {
      [`${many} to ${few} instances, all drawn`]: ratio(large.times.overlay?.wall ?? 0, small.times.overlay?.wall ?? 0),
      [`masks and mask PNG to boxes alone, ${many}`]: ratio(large.times.masks?.wall ?? 0, large.times.boxes?.wall ?? 0),
      [`all drawn to boxes alone, ${many}`]: ratio(large.times.overlay?.wall ?? 0, large.times.boxes?.wall ?? 0),
    },
    times_ms: { [few]: small.times, [many]: large.times },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await overlayCosts(), null, 2));
