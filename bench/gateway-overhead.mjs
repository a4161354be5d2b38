// What the architecture costs: the median time of a request through gateway, worker and child, next to a bare loop that
// decodes, letterboxes and runs the same picture in one process. Pairs are interleaved, so that a noisy machine hits both.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootDir, startStack } from '@lensgate/testing';
import sharp from 'sharp';
import { median, rounded } from './lib/statistics.mjs';

const pairs = 9;
const requestsPerPair = 40;
const warmUps = 20;

/** @param {string} file @param {readonly string[]} args */
async function startLoop(file, args) {
  const child = fork(join(import.meta.dirname, 'lib', file), args);
  await once(child, 'message');
  return {
    /** @param {number} count @returns {Promise<number[]>} milliseconds of each */
    run: async (count) => {
      child.send({ count });
      const [times] = await once(child, 'message');
      return times;
    },
    end: () => child.kill(),
  };
}

/** @returns {Promise<{ name: string, ratio: number, gateway_p50_ms: number, bare_p50_ms: number, ratios: number[] }>} */
export async function gatewayOverhead() {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-bench-'));
  const picturePath = join(folder, 'picture.jpg');
  await sharp(join(rootDir, 'test/reference/variants/v1920x1080-0-scene-2008.png'))
    .jpeg({ quality: 90 })
    .toFile(picturePath);
  const stack = await startStack({ frameworks: ['ultralytics'] });
  const bare = await startLoop('bare-loop.mjs', [
    join(rootDir, 'models/wardrobe-det.onnx'),
    picturePath,
    String(availableParallelism()),
  ]);
  const gateway = await startLoop('gateway-loop.mjs', [stack.gateway.url, picturePath, '20']);
  try {
    await gateway.run(warmUps);
    await bare.run(warmUps);
    const results = [];
    for (let pair = 0; pair < pairs; pair++) {
      const order = pair % 2 === 0 ? [bare, gateway] : [gateway, bare];
      const medians = [];
      for (const loop of order) medians.push(median(await loop.run(requestsPerPair)));
      const [first = 0, second = 0] = medians;
      results.push(order[0] === bare ? { bare: first, gateway: second } : { bare: second, gateway: first });
    }
    const ratios = results.map((pair) => pair.gateway / pair.bare);
    return {
      name: 'gateway p50 / bare loop p50 (1920×1080 JPEG, wardrobe-det, no overlay)',
      ratio: rounded(median(ratios)),
      gateway_p50_ms: rounded(median(results.map((pair) => pair.gateway))),
      bare_p50_ms: rounded(median(results.map((pair) => pair.bare))),
      ratios: ratios.map((ratio) => rounded(ratio)),
    };
  } finally {
    bare.end();
    gateway.end();
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}
