// What the architecture costs: the median time of a request through gateway, worker and child, next to a bare loop that
// decodes, letterboxes and runs the same picture in one process. Pairs are interleaved, so that a noisy machine hits both.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectModel, rootDir, startStack } from '@lensgate/testing';
import sharp from 'sharp';
import { median, rounded } from './lib/statistics.mjs';

const pairs = 9;
const requestsPerPair = 40;
const warmUps = 20;
const stepsLikeYoloNano = 3_000;

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

/**
 * @typedef {{ name: string, ratio: number, gateway_p50_ms: number, bare_p50_ms: number, ratios: number[] }} Overhead
 * @typedef {{ name: string, jobId: number, modelPath: string, inputSidePx: number }} Case
 */

/** Compares both ways for a model that is about as heavy as a YOLO-n at 640 px, and for the light demo detector. */
export async function gatewayOverhead() {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-bench-'));
  const stack = await startStack({ frameworks: ['ultralytics'] });
  try {
    const picturePath = join(folder, 'picture.jpg');
    await sharp(join(rootDir, 'test/reference/variants/v1920x1080-0-scene-2008.png'))
      .jpeg({ quality: 90 })
      .toFile(picturePath);
    const cases = [
      await likeYoloNano(folder, stack),
      {
        name: 'wardrobe-det (job 20)',
        jobId: 20,
        modelPath: join(rootDir, 'models/wardrobe-det.onnx'),
        inputSidePx: 320,
      },
    ];
    const overheads = [];
    for (const each of cases) overheads.push(await compare(each, { url: stack.gateway.url, picturePath }));
    return overheads;
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A model of 640 × 640 px whose work takes about what a YOLO-n takes here, as a job of the gateway.
 * @param {string} folder @param {import('@lensgate/testing').Stack} stack
 * @returns {Promise<Case>}
 */
async function likeYoloNano(folder, { gateway }) {
  const modelPath = join(folder, 'like-yolo-n.onnx');
  const inputSidePx = 640;
  const model = detectModel({ sizePx: inputSidePx, steps: stepsLikeYoloNano });
  await writeFile(modelPath, model);
  const { body: job } = await gateway.createJob();
  const { status } = await gateway.upload(job.id, model);
  if (status !== 201) throw new Error(`the upload was answered ${status}`);
  return { name: 'a model of the cost of a YOLO-n', jobId: job.id, modelPath, inputSidePx };
}

/**
 * @param {Case} the @param {{ url: string, picturePath: string }} where
 * @returns {Promise<Overhead>}
 */
async function compare({ name, jobId, modelPath, inputSidePx }, { url, picturePath }) {
  const threads = String(availableParallelism());
  const bare = await startLoop('bare-loop.mjs', [modelPath, picturePath, String(inputSidePx), threads]);
  const gateway = await startLoop('gateway-loop.mjs', [url, picturePath, String(jobId)]);
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
      name: `gateway p50 / bare loop p50: 1920×1080 JPEG, no overlay, ${name}`,
      ratio: rounded(median(ratios)),
      gateway_p50_ms: rounded(median(results.map((pair) => pair.gateway))),
      bare_p50_ms: rounded(median(results.map((pair) => pair.bare))),
      ratios: ratios.map((ratio) => rounded(ratio)),
    };
  } finally {
    bare.end();
    gateway.end();
  }
}
