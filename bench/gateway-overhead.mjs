// What the architecture costs: the median time of a request through gateway, worker and child, next to a bare loop that
// decodes, letterboxes and runs the same picture in one process, and next to two services of a few lines with the same hops.
// Rounds are interleaved, so that a noisy machine hits all.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { convolutionModel, rootDir, startStack } from '@lensgate/testing';
import { frameSize, jpegOf, photoSize } from './lib/pictures.mjs';
import { startPlainServices } from './lib/plain-services.mjs';
import { median, rounded } from './lib/statistics.mjs';

const rounds = 9;
const requestsPerRound = 25;
/** Code that has just been started is compiled while it runs: a server's usual state is that of one that has run. */
const warmUpMs = 15_000;
const layersLikeYoloNano = 17;

/** @param {string} file @param {readonly string[]} args */
async function startLoop(file, args) {
  const child = fork(join(import.meta.dirname, 'lib', file), args);
  await once(child, 'message');
  return {
    /** @param {number} count @returns {Promise<number[]>} ms of each */
    run: async (count) => {
      child.send({ count });
      const [times] = await once(child, 'message');
      return times;
    },
    end: () => child.kill(),
  };
}

/**
 * @typedef {{
 *   name: string, ratio: number, gateway_p50_ms: number, bare_p50_ms: number, plain_p50_ms: number, ratios: number[],
 *   ratio_of_plain_services: number, ratio_to_plain_services: number
 * }} Overhead
 * @typedef {{ model: string, jobId: number, modelPath: string, inputSidePx: number }} Case
 * @typedef {{ name: string, path: string }} Picture
 */

/**
 * Compares both ways for a photograph as phones take it and for a frame of a camera, on a light and on a usual model: the
 * way through the services costs much the same in all, so it is the lightest work that shows it most.
 */
export async function gatewayOverhead() {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-bench-'));
  const stack = await startStack({ frameworks: ['ultralytics'] });
  try {
    const photo = await makePicture(folder, photoSize);
    const frame = await makePicture(folder, frameSize);
    const demo = {
      model: 'wardrobe-det (job 20)',
      jobId: 20,
      modelPath: join(rootDir, 'models/wardrobe-det.onnx'),
      inputSidePx: 320,
    };
    const usual = await likeYoloNano(folder, stack);
    const overheads = [];
    for (const [model, picture] of /** @type {const} */ ([
      [usual, photo],
      [usual, frame],
      [demo, photo],
      [demo, frame],
    ])) {
      overheads.push(await compare(model, picture, stack.gateway.url));
    }
    return overheads;
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder @param {{ width: number, height: number }} size
 * @returns {Promise<Picture>}
 */
async function makePicture(folder, size) {
  const name = `${size.width}×${size.height} JPEG`;
  const path = join(folder, `${size.width}.jpg`);
  await writeFile(path, await jpegOf(size));
  return { name, path };
}

/**
 * A model of 640 × 640 px whose work takes about what a YOLO-n takes here, as a job of the gateway.
 * @param {string} folder @param {import('@lensgate/testing').Stack} stack
 * @returns {Promise<Case>}
 */
async function likeYoloNano(folder, { gateway }) {
  const modelPath = join(folder, 'like-yolo-n.onnx');
  const inputSidePx = 640;
  const model = convolutionModel({ sizePx: inputSidePx, layers: layersLikeYoloNano });
  await writeFile(modelPath, model);
  const { body: job } = await gateway.createJob();
  const { status } = await gateway.upload(job.id, model);
  if (status !== 201) throw new Error(`the upload was answered ${status}`);
  return { model: 'a model of the cost of a YOLO-n', jobId: job.id, modelPath, inputSidePx };
}

/**
 * @param {Case} the @param {Picture} picture @param {string} url of the gateway
 * @returns {Promise<Overhead>}
 */
async function compare({ model, jobId, modelPath, inputSidePx }, picture, url) {
  const threads = availableParallelism();
  const plain = await startPlainServices({ modelPath, inputSidePx, threads });
  const loops = {
    bare: await startLoop('bare-loop.mjs', [modelPath, picture.path, String(inputSidePx), String(threads)]),
    gateway: await startLoop('http-loop.mjs', [url, picture.path, String(jobId)]),
    plain: await startLoop('http-loop.mjs', [plain.url, picture.path]),
  };
  try {
    for (const loop of Object.values(loops)) {
      const warmAtMs = performance.now() + warmUpMs;
      while (performance.now() < warmAtMs) await loop.run(requestsPerRound);
    }
    /** @type {Round[]} */
    const results = [];
    for (let round = 0; round < rounds; round++) results.push(await oneRound(loops, round));
    const middle = (/** @type {(round: Round) => number} */ of) => rounded(median(results.map(of)));
    return {
      name: `gateway p50 / bare loop p50: ${picture.name}, no overlay, ${model}`,
      ratio: middle(({ gateway, bare }) => gateway / bare),
      ratio_of_plain_services: middle(({ plain, bare }) => plain / bare),
      ratio_to_plain_services: middle(({ gateway, plain }) => gateway / plain),
      gateway_p50_ms: middle(({ gateway }) => gateway),
      bare_p50_ms: middle(({ bare }) => bare),
      plain_p50_ms: middle(({ plain }) => plain),
      ratios: results.map(({ gateway, bare }) => rounded(gateway / bare)),
    };
  } finally {
    for (const loop of Object.values(loops)) loop.end();
    plain.end();
  }
}

/**
 * @typedef {Record<'bare' | 'gateway' | 'plain', number>} Round median times, ms
 * @param {Record<keyof Round, Awaited<ReturnType<typeof startLoop>>>} loops
 * @param {number} round each begins with another loop
 * @returns {Promise<Round>}
 */
async function oneRound(loops, round) {
  const names = /** @type {const} */ (['bare', 'gateway', 'plain']);
  const result = { bare: 0, gateway: 0, plain: 0 };
  for (let i = 0; i < names.length; i++) {
    const name = names[(round + i) % names.length] ?? 'bare';
    result[name] = median(await loops[name].run(requestsPerRound));
  }
  return result;
}
