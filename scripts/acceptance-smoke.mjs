/**
 * `GATEWAY_URL=… node scripts/acceptance-smoke.mjs`: the main job end to end, against a gateway that runs anywhere: is it
 * ready, can a job be made and a checkpoint pushed, does a picture come back with boxes and an overlay. Leaves nothing
 * behind. Exit code 0 when all is well.
 */
import assert from 'node:assert/strict';
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/services.mjs';

const gatewayUrl = (process.env.GATEWAY_URL ?? 'http://127.0.0.1:8000').replace(/\/$/, '');
const api = `${gatewayUrl}/api/v1`;
const headers = process.env.LENSGATE_API_KEY ? { authorization: `Bearer ${process.env.LENSGATE_API_KEY}` } : {};
const pngMagic = '89504e470d0a1a0a';

/**
 * @param {string} method
 * @param {string} url
 * @param {{ status: number, body?: BodyInit, type?: string }} expected
 * @returns {Promise<any>}
 */
async function call(method, url, { status, body, type }) {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(type ? { 'content-type': type } : {}) },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  assert.equal(response.status, status, `${method} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** @param {Record<string, string | { path: string, name: string, type: string }>} parts */
async function form(parts) {
  const data = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === 'string') data.append(name, part);
    else data.append(name, await openAsBlob(part.path, { type: part.type }), part.name);
  }
  return data;
}

const picture = { path: join(root, 'models/samples/scene-1003.png'), name: 'scene-1003.png', type: 'image/png' };
const checkpoint = {
  path: join(root, 'models/wardrobe-det.onnx'),
  name: 'wardrobe-det.onnx',
  type: 'application/octet-stream',
};

/** @param {number} jobId */
async function expectBoxes(jobId) {
  const body = await form({ training_job_id: String(jobId), file: picture });
  const answer = await call('POST', `${api}/test_inference/inference/quick`, { status: 200, body });
  assert.equal(answer.task_type, 'object_detection');
  assert.ok(answer.predicted_boxes.length > 0, 'no boxes');
  assert.equal(answer.num_detections, answer.predicted_boxes.length);
  for (const box of answer.predicted_boxes) {
    assert.ok(box.label.length > 0);
    assert.ok(box.x1 < box.x2 && box.y1 < box.y2 && box.confidence >= 0.25, JSON.stringify(box));
  }
  assert.equal(Buffer.from(answer.overlay_base64, 'base64').subarray(0, 8).toString('hex'), pngMagic);
  return answer;
}

const ready = await call('GET', `${gatewayUrl}/ready`, { status: 200 });
assert.equal(ready.ready, true);
assert.deepEqual(
  ready.workers.filter((/** @type {{ ready: boolean }} */ worker) => !worker.ready),
  [],
);
console.log('ready: the gateway, its database and every worker');

const job = await call('POST', `${api}/training/jobs`, {
  status: 201,
  type: 'application/json',
  body: JSON.stringify({
    name: 'acceptance smoke',
    framework: 'ultralytics',
    model_name: 'wardrobe-smoke',
    task_type: 'object_detection',
    num_classes: 10,
  }),
});
try {
  const pushed = await call('POST', `${api}/training/jobs/${job.id}/checkpoints`, {
    status: 201,
    body: await form({ file: checkpoint }),
  });
  assert.equal(pushed.checkpoints[0].status, 'accepted');
  console.log(`job ${job.id}: checkpoint pushed, looked into and accepted`);
  const own = await expectBoxes(job.id);
  const again = await expectBoxes(job.id);
  assert.equal(again.model.warm, true, 'the second request should find the model loaded');
  assert.deepEqual(again.predicted_boxes, own.predicted_boxes);
  console.log(`job ${job.id}: ${own.num_detections} boxes and an overlay, the same again on the warm model`);

  const demo = await fetch(`${api}/training/jobs/20`, { headers });
  await demo.arrayBuffer();
  if (demo.status === 200) {
    const { predicted_boxes: demoBoxes } = await expectBoxes(20);
    assert.deepEqual(demoBoxes, own.predicted_boxes);
    console.log('demo job 20: the same boxes from the same model');
  } else assert.equal(demo.status, 404);
} finally {
  await call('DELETE', `${api}/training/jobs/${job.id}`, { status: 204 });
}
console.log('The main job works end to end.');
