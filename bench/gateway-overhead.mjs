// What the architecture costs: the median time of a request through gateway, worker and child, next to a bare loop that
// decodes, letterboxes and runs the same picture in one process. Pairs are interleaved, so that a noisy machine hits both.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeConnections, postPicture, rootDir, startStack } from '@lensgate/testing';
import sharp from 'sharp';
import { median, rounded } from './lib/statistics.mjs';

const pairs = 9;
const requestsPerPair = 40;
const warmUps = 20;

/** @returns {Promise<{ name: string, ratio: number, gateway_p50_ms: number, bare_p50_ms: number, ratios: number[] }>} */
export async function gatewayOverhead() {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-bench-'));
  const picturePath = join(folder, 'picture.jpg');
  const source = join(rootDir, 'test/reference/variants/v1920x1080-0-scene-2008.png');
  const picture = await sharp(source).jpeg({ quality: 90 }).toBuffer();
  await writeFile(picturePath, picture);
  const stack = await startStack({ frameworks: ['ultralytics'] });
  const bare = fork(join(import.meta.dirname, 'lib/bare-loop.mjs'), [
    join(rootDir, 'models/wardrobe-det.onnx'),
    picturePath,
    String(availableParallelism()),
  ]);
  try {
    await once(bare, 'message');
    const byGateway = (/** @type {number} */ count) => timeGateway(stack.gateway.url, picture, count);
    const byLoop = async (/** @type {number} */ count) => {
      bare.send({ count });
      const [times] = await once(bare, 'message');
      return /** @type {number[]} */ (times);
    };
    await byGateway(warmUps);
    await byLoop(warmUps);
    const results = [];
    for (let pair = 0; pair < pairs; pair++) {
      const loopFirst = pair % 2 === 0;
      const early = loopFirst ? await byLoop(requestsPerPair) : await byGateway(requestsPerPair);
      const late = loopFirst ? await byGateway(requestsPerPair) : await byLoop(requestsPerPair);
      results.push({ gateway: median(loopFirst ? late : early), loop: median(loopFirst ? early : late) });
    }
    const ratios = results.map(({ gateway, loop }) => gateway / loop);
    return {
      name: 'gateway p50 / bare loop p50 (1920×1080 JPEG, wardrobe-det, no overlay)',
      ratio: rounded(median(ratios)),
      gateway_p50_ms: rounded(median(results.map(({ gateway }) => gateway))),
      bare_p50_ms: rounded(median(results.map(({ loop }) => loop))),
      ratios: ratios.map((ratio) => rounded(ratio)),
    };
  } finally {
    bare.kill();
    await closeConnections();
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} url
 * @param {Uint8Array} picture
 * @param {number} count
 */
async function timeGateway(url, picture, count) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    const { status } = await postPicture(`${url}/api/v1/test_inference/inference/quick`, {
      image: picture,
      filename: 'picture.jpg',
      fields: { training_job_id: 20, overlay: false },
    });
    times.push(performance.now() - startedAt);
    if (status !== 200) throw new Error(`the gateway answered ${status}`);
  }
  return times;
}
