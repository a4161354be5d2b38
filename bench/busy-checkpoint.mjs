// What a second child for a hot checkpoint gains: many clients on one checkpoint, on a worker that may have one child only
// and on one that adds more while cores are free. Rounds are interleaved, so that a noisy machine hits both.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convolutionModel, formOf, rootDir, sha256Of, startWorker, workerFields } from '@lensgate/testing';
import { Agent, request } from 'undici';
import { frameSize, jpegOf } from './lib/pictures.mjs';
import { median, rounded } from './lib/statistics.mjs';

const rounds = 7;
const clients = 8;
const requestsPerRound = 80;
const layersLikeYoloNano = 17;

/** Throughput with as many children as the worker likes, next to one child. */
export async function busyCheckpoint() {
  const picture = await jpegOf(frameSize);
  const one = await startWorker({ env: { CHILDREN_MAX: '1' } });
  const more = await startWorker();
  try {
    const demo = await readFile(join(rootDir, 'models/wardrobe-det.onnx'));
    const usual = convolutionModel({ sizePx: 640, layers: layersLikeYoloNano });
    return [
      await compare({ one, more }, 'wardrobe-det (job 20)', demo, picture),
      await compare({ one, more }, 'a model of the cost of a YOLO-n', usual, picture),
    ];
  } finally {
    await one.close();
    await more.close();
  }
}

/**
 * @typedef {import('@lensgate/testing').StartedWorker} Worker
 * @param {{ one: Worker, more: Worker }} workers @param {string} name @param {Uint8Array} model @param {Buffer} picture
 */
async function compare({ one, more }, name, model, picture) {
  const { form, digest } = formFor(model, picture);
  for (const worker of [one, more]) {
    const { status } = await worker.put(model);
    if (status !== 200) throw new Error(`the checkpoint was answered ${status}`);
  }
  for (const worker of [one, more]) await flood(worker, form);
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [one, more] : [more, one];
    const perSecond = new Map();
    for (const worker of order) perSecond.set(worker, await flood(worker, form));
    ratios.push(perSecond.get(more) / perSecond.get(one));
  }
  const { children } = await more.checkpoint(digest);
  return {
    name: `requests a second on one checkpoint, ${clients} clients: more children / one child, 1920×1080 JPEG, ${name}`,
    ratio: rounded(median(ratios)),
    children,
    ratios: ratios.map((ratio) => rounded(ratio)),
  };
}

/** @param {Uint8Array} model @param {Buffer} picture */
function formFor(model, picture) {
  const digest = sha256Of(model);
  const fields = Object.entries(workerFields({ checkpoint_sha256: digest, num_classes: 0, timeout_ms: 60_000 }));
  const form = formOf([
    ...fields.map(([field, value]) => ({ name: field, value: String(value) })),
    { name: 'file', value: picture, filename: 'picture.jpg', type: 'image/jpeg' },
  ]);
  return { form, digest };
}

/**
 * @param {Worker} worker @param {{ body: Buffer, contentType: string }} form
 * @returns {Promise<number>} requests a second
 */
async function flood(worker, { body, contentType }) {
  const agent = new Agent();
  let left = requestsPerRound;
  const client = async () => {
    while (left-- > 0) {
      const headers = { 'content-type': contentType };
      const answer = await request(worker.quickUrl, { method: 'POST', headers, body, dispatcher: agent });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(text);
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await agent.close();
  return requestsPerRound / seconds;
}
