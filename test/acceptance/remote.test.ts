import type { Problem } from '@lensgate/contracts';
import {
  boxDifferences,
  call,
  closeConnections,
  detectModel,
  type GatewayCalls,
  gatewayCalls,
  greyPicture,
  referencePictures,
  type Stack,
  sha256Of,
  startStack,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * What any installation must do, however it was deployed: with `GATEWAY_URL` it is asked of that one, else of a stack
 * that is started for it. Nothing here looks behind HTTP.
 */
const demoJob = 20;
const pictures = referencePictures().filter((_, index) => index % 6 === 0);
/** Its digest is this run's own, so that no earlier run has brought it to the worker. */
const model = withMetadata(detectModel(), { run: String(Date.now()) });
let stack: Stack | undefined;
let url: string;
let gateway: GatewayCalls;
let jobId: number;

beforeAll(async () => {
  if (process.env.GATEWAY_URL) url = process.env.GATEWAY_URL.replace(/\/$/, '');
  else {
    stack = await startStack({ frameworks: ['ultralytics', 'timm', 'huggingface'] });
    url = stack.gateway.url;
  }
  gateway = gatewayCalls(url);
});
afterAll(async () => {
  await stack?.close();
  await closeConnections();
});

describe('an installation', () => {
  test('lives, is ready with every worker, and describes itself', async () => {
    expect((await call<{ status: string }>(`${url}/health`)).body.status).toBe('ok');
    const ready = await call<{ ready: boolean; workers: { framework: string; ready: boolean }[] }>(`${url}/ready`);
    expect([ready.status, ready.body.ready]).toEqual([200, true]);
    const frameworks = new Set(ready.body.workers.filter((worker) => worker.ready).map(({ framework }) => framework));
    for (const framework of ['ultralytics', 'timm', 'huggingface']) expect(frameworks).toContain(framework);
    const document = await call<{ openapi: string }>(`${url}/openapi.json`);
    expect([document.status, document.body.openapi]).toEqual([200, '3.1.0']);
    expect((await call<string>(`${url}/metrics`)).body).toMatch(/^# HELP /);
  });

  test('has the demo job', async () => {
    const { status, body } = await gateway.job(demoJob);
    expect([status, body.framework, body.task_type]).toEqual([200, 'ultralytics', 'object_detection']);
  });

  test.each(pictures)('finds in $name what the reference finds', async ({ name, bytes, expected }) => {
    const { status, body } = await gateway.quick(demoJob, { image: bytes, filename: name });
    expect(status).toBe(200);
    if (body.task_type !== 'object_detection') throw new Error(`a ${body.task_type}`);
    expect(boxDifferences(body.predicted_boxes, expected)).toEqual([]);
    expect(body.overlay_base64?.length).toBeGreaterThan(1_000);
  });

  test('takes a job and a checkpoint, looks into it, and runs it', async () => {
    const created = await gateway.createJob();
    expect(created.status).toBe(201);
    jobId = created.body.id;
    const early = await gateway.quick<Problem>(jobId, { image: await greyPicture(0) });
    expect([early.status, early.body.code]).toEqual([409, 'CHECKPOINT_MISSING']);

    const uploaded = await gateway.upload(jobId, model, {
      filename: '최고.onnx',
      metadata: { epoch: 7, is_best: true },
    });
    expect(uploaded.status).toBe(201);
    expect(uploaded.body.checkpoints[0]).toMatchObject({
      filename: '최고.onnx',
      sha256: sha256Of(model),
      bytes: model.length,
      status: 'accepted',
      is_best: true,
      epoch: 7,
      findings: { family: 'yolo-detect', num_classes: 3, input_width: 64 },
    });
    const { path = '' } = uploaded.body.checkpoints[0] ?? {};
    const { status, body } = await gateway.quick(jobId, {
      image: await greyPicture(0),
      fields: { checkpoint_path: path },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      num_detections: 1,
      predicted_boxes: [{ class_id: 0, label: 'class-0', bbox: [32, 24, 20, 10] }],
      model: { checkpoint_path: path, sha256: sha256Of(model), warm: true },
    });
  });

  test('refuses a checkpoint of another number of classes, in words', async () => {
    const { status, body } = await gateway.upload<Problem>(jobId, detectModel({ classCount: 5 }));
    expect([status, body.code, body.detail]).toEqual([
      424,
      'CHECKPOINT_REFUSED',
      'The checkpoint has 5 classes, the job 3 (num_classes).',
    ]);
  });

  test('answers mistakes as problem documents', async () => {
    const unknown = await gateway.quick<Problem>(2_000_000_000, { image: await greyPicture(0) });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'JOB_NOT_FOUND']);
    const text = await gateway.quick<Problem>(demoJob, { image: Buffer.from('no picture') });
    expect([text.status, text.body.code]).toEqual([415, 'IMAGE_UNSUPPORTED']);
  });

  test('forgets the job with its checkpoints', async () => {
    expect((await gateway.deleteJob(jobId)).status).toBe(204);
    expect((await gateway.job<Problem>(jobId)).body.code).toBe('JOB_NOT_FOUND');
    const gone = await gateway.quick<Problem>(jobId, { image: await greyPicture(0) });
    expect([gone.status, gone.body.code]).toEqual([404, 'JOB_NOT_FOUND']);
  });
});
