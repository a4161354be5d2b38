import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceReply, Problem } from '@lensgate/contracts';
import {
  call,
  closeConnections,
  detectModel,
  type Fields,
  formOf,
  postPicture,
  rootDir,
  type Stack,
  sha256Of,
  startStack,
  startWorker,
  withMetadata,
} from '@lensgate/testing';
import sharp from 'sharp';
import { Client } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

type Body = Record<string, unknown>;

const samplesDir = join(rootDir, 'models/samples');
const picture = await readFile(join(samplesDir, 'scene-1003.png'));
const model = (name: string) => readFile(join(rootDir, 'models', `${name}.onnx`));

const number = expect.any(Number);
const text = expect.any(String);
/** Base64 as front ends put it behind their own `data:image/png;base64,`. */
const png = expect.stringMatching(/^iVBORw0KGgo[A-Za-z0-9+/]+={0,2}$/);
const times = { preprocessing_time_ms: number, inference_time_ms: number, postprocessing_time_ms: number };
const box = {
  class_id: number,
  label: text,
  confidence: number,
  bbox: [number, number, number, number],
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  format: 'yolo',
};
const label = { label_id: number, label: text, confidence: number };

function expectDetection(body: Body): void {
  const boxes = body.predicted_boxes as unknown[];
  expect(boxes.length).toBeGreaterThan(0);
  expect(body).toMatchObject({
    ...times,
    task_type: 'object_detection',
    image_name: text,
    image_width: 320,
    image_height: 320,
    predicted_boxes: boxes.map(() => box),
    num_detections: boxes.length,
    overlay_base64: png,
  });
}

function expectSegmentation(body: Body): void {
  const masks = body.predicted_masks as Body[];
  expect(masks.length).toBeGreaterThan(0);
  expect(body).toMatchObject({
    ...times,
    task_type: 'instance_segmentation',
    predicted_boxes: masks.map(() => box),
    num_detections: masks.length,
    predicted_masks: masks.map(() => ({ instance_id: number, class_id: number, confidence: number })),
    num_instances: masks.length,
    predicted_mask_base64: png,
    overlay_base64: png,
  });
  for (const { polygon } of masks) {
    expect((polygon as unknown[]).length).toBeGreaterThan(2);
    expect(polygon).toEqual((polygon as unknown[]).map(() => [number, number]));
  }
}

function expectClassification(body: Body): void {
  const five = Array.from({ length: 5 }, () => label);
  expect(body).toMatchObject({
    ...times,
    task_type: 'image_classification',
    predicted_label: text,
    predicted_label_id: number,
    confidence: number,
    predictions: five,
    top5_predictions: five,
  });
  const [best] = body.top5_predictions as Body[];
  expect(best).toEqual({
    label_id: body.predicted_label_id,
    label: body.predicted_label,
    confidence: body.confidence,
  });
}

const garments = ['티셔츠', '바지', '풀오버', '드레스', '코트', '샌들', '셔츠', '스니커즈', '가방', '앵클부츠'];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ frameworks: ['ultralytics', 'timm', 'huggingface'] });
});
afterAll(async () => {
  await closeConnections();
  await stack?.close();
});

/** The form that the platform posts to a worker, with everything that its job's row says. */
const platformForm = (fields: Fields): Fields => ({
  training_job_id: 17,
  dataset_path: '/data/datasets/wardrobe',
  output_dir: 'runs/train/exp',
  checkpoint_path: 'runs/train/exp/weights/best.onnx',
  confidence_threshold: 0.25,
  iou_threshold: 0.45,
  max_detections: 100,
  ...fields,
});

const detector = platformForm({
  framework: 'ultralytics',
  model_name: 'wardrobe-det',
  task_type: 'object_detection',
  num_classes: 10,
});
const segmenter = { ...detector, model_name: 'wardrobe-seg', task_type: 'instance_segmentation' };
const classifier = platformForm({
  framework: 'timm',
  model_name: 'wardrobe-cls',
  task_type: 'image_classification',
  num_classes: 10,
});

const quickUrlOf = (framework: 'ultralytics' | 'timm' | 'huggingface') =>
  stack.workers.get(framework)?.quickUrl ?? expect.fail(`there is no ${framework} worker`);

const post = <T = Body>(url: string, fields: Fields, image: Uint8Array = picture) =>
  postPicture<T>(url, { image, filename: '사진.png', fields });

describe('the form that the platform posts straight to a worker', () => {
  const forms = [
    { fields: detector, framework: 'ultralytics', check: expectDetection },
    { fields: segmenter, framework: 'ultralytics', check: expectSegmentation },
    { fields: classifier, framework: 'timm', check: expectClassification },
  ] as const;

  test.each(forms)(
    '$fields.task_type is answered with the fields that front ends read',
    async ({ fields, framework, check }) => {
      const { status, body } = await post(quickUrlOf(framework), fields);
      expect(status, JSON.stringify(body)).toBe(200);
      check(body);
      expect(body.image_name).toBe('사진.png');
    },
  );

  test('a worker answers with its built-in model, says so, and opens no path of a client', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lensgate-compat-'));
    try {
      const other = join(folder, 'best.onnx');
      await writeFile(other, detectModel());
      const paths = [other, `file://${other}`, '../../models/wardrobe-seg.onnx', 'C:\\runs\\exp\\weights\\best.onnx'];
      const builtIn = sha256Of(await model('wardrobe-det'));
      for (const path of paths) {
        const served = await post<InferenceReply>(quickUrlOf('ultralytics'), { ...detector, checkpoint_path: path });
        expect(served.status, path).toBe(200);
        expect(served.body.model).toMatchObject({ name: 'wardrobe-det', checkpoint_path: path, sha256: builtIn });
        expect(served.body.warnings).toEqual([expect.stringMatching(/^checkpoint_path was ignored: .*wardrobe-det/)]);

        const unknown = { ...detector, checkpoint_path: path, model_name: 'yolo11n' };
        const refused = await post<Problem>(quickUrlOf('ultralytics'), unknown);
        expect([refused.status, refused.body.code], path).toEqual([409, 'CHECKPOINT_MISSING']);
        expect(refused.body.detail).not.toContain(folder);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('a job of Hugging Face is served under the name of its model, slash included', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lensgate-compat-'));
    const name = 'google/vit-base-patch16-224';
    const vit = withMetadata(await model('wardrobe-cls'), {
      'preprocessor_config.json': JSON.stringify({
        image_processor_type: 'ViTImageProcessor',
        size: { height: 64, width: 64 },
      }),
      'config.json': JSON.stringify({ id2label: Object.fromEntries(garments.entries()) }),
    });
    await mkdir(join(folder, 'models'));
    await writeFile(join(folder, 'models/vit.onnx'), vit);
    await writeFile(
      join(folder, 'models/models.json'),
      JSON.stringify({ models: [{ name, file: 'vit.onnx', framework: 'huggingface' }] }),
    );
    const worker = await startWorker({ framework: 'huggingface', env: { MODELS_DIR: join(folder, 'models') } });
    try {
      const { status, body } = await post(worker.quickUrl, {
        ...classifier,
        framework: 'huggingface',
        model_name: name,
      });
      expect(status, JSON.stringify(body)).toBe(200);
      expectClassification(body);
      expect(garments).toContain(body.predicted_label);
    } finally {
      await worker.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('a worker tells how it is used, in the document that is kept in the repository', async () => {
    const kept = JSON.parse(await readFile(join(rootDir, 'docs/openapi-worker.json'), 'utf8')) as object;
    for (const [framework, { url }] of stack.workers)
      expect(await call(`${url}/openapi.json`), framework).toMatchObject({ status: 200, body: kept });
  });

  test('what cannot be served is refused with a sentence to show', async () => {
    const huggingface = { ...classifier, framework: 'huggingface', model_name: 'google/vit-base-patch16-224' };
    const refusals: [
      framework: 'ultralytics' | 'timm' | 'huggingface',
      fields: Fields,
      image: Buffer,
      status: number,
    ][] = [
      ['huggingface', huggingface, picture, 409],
      ['huggingface', { ...huggingface, framework: 'ultralytics' }, picture, 422],
      ['timm', { ...classifier, task_type: 'object_detection' }, picture, 424],
      ['ultralytics', { ...detector, confidence_threshold: 'high' }, picture, 422],
      ['ultralytics', { ...detector, task_type: 'detect' }, picture, 422],
      ['ultralytics', detector, Buffer.from('no picture'), 415],
    ];
    for (const [framework, fields, image, status] of refusals) {
      const answer = await post(quickUrlOf(framework), fields, image);
      expect([answer.status, answer.body], JSON.stringify(answer.body)).toEqual([
        status,
        expect.objectContaining({ detail: expect.stringMatching(/\w/) }),
      ]);
    }
  });
});

describe('the gateway, as front ends use it', () => {
  const v1 = () => `${stack.gateway.url}/api/v1/test_inference/inference`;
  const json = <T = Body>(fields: Fields) => call<T>(`${v1()}/quick`, { method: 'POST', json: fields });

  test('a picture is uploaded, named as image_path in JSON for each of the jobs, and its session deleted', async () => {
    const { body: form, contentType } = formOf([
      { name: 'file', value: picture, filename: '사진.png', type: 'image/png' },
    ]);
    const headers = { 'content-type': contentType };
    const uploaded = await call<Record<string, string>>(`${v1()}/upload-image`, {
      method: 'POST',
      body: form,
      headers,
    });
    expect([uploaded.status, uploaded.body]).toEqual([
      200,
      { server_path: text, filename: '사진.png', session_id: text },
    ]);
    const { server_path: handle = '', session_id: session = '' } = uploaded.body;
    const fields = { image_path: handle, confidence_threshold: 0.25, iou_threshold: 0.45, max_detections: 100 };
    const checks = [
      [20, expectDetection],
      [21, expectSegmentation],
      [22, expectClassification],
    ] as const;
    for (const [job, check] of checks) {
      const { status, body } = await json({ ...fields, training_job_id: job });
      expect(status, JSON.stringify(body)).toBe(200);
      check(body);
      expect(body).toMatchObject({ image_path: handle, image_name: '사진.png' });
    }

    const remove = () => call(`${v1()}/session/${session}`, { method: 'DELETE' });
    expect(await remove()).toMatchObject({ status: 200, body: { status: 'cleaned', session_id: session } });
    expect(await remove()).toMatchObject({ status: 200, body: { status: 'not_found', session_id: session } });
    const gone = await json<Problem>({ ...fields, training_job_id: 20 });
    expect([gone.status, typeof gone.body.detail]).toEqual([404, 'string']);
  });

  test('a path of the platform’s own disk is no handle: the answer says so in its detail', async () => {
    const answer = await json<Problem>({ training_job_id: 20, image_path: '/data/uploads/picture.jpg' });
    expect([answer.status, answer.body.code, typeof answer.body.detail]).toEqual([404, 'HANDLE_NOT_FOUND', 'string']);
  });

  test('a camera that gives up after 5 s gets each of 50 frames answered on one connection', async () => {
    const frames = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        sharp(picture)
          .resize(640, 480, { fit: 'cover' })
          .modulate({ brightness: 1 + (index % 10) / 100 })
          .jpeg({ quality: 85 })
          .toBuffer(),
      ),
    );
    const camera = new Client(stack.gateway.url, { headersTimeout: 5_000, bodyTimeout: 5_000 });
    let connections = 0;
    camera.on('connect', () => {
      connections++;
    });
    try {
      for (const [index, value] of frames.entries()) {
        const { body, contentType } = formOf([
          { name: 'training_job_id', value: '20' },
          { name: 'overlay', value: 'false' },
          { name: 'file', value, filename: `frame-${index}.jpg`, type: 'image/jpeg' },
        ]);
        const answer = await camera.request({
          method: 'POST',
          path: new URL(`${v1()}/quick`).pathname,
          headers: { 'content-type': contentType },
          body,
        });
        const result = (await answer.body.json()) as Body;
        expect(answer.statusCode, JSON.stringify(result)).toBe(200);
        const boxes = result.predicted_boxes as unknown[];
        expect(boxes.length).toBeGreaterThan(0);
        expect(result).toMatchObject({
          image_name: `frame-${index}.jpg`,
          image_width: 640,
          image_height: 480,
          predicted_boxes: boxes.map(() => box),
          num_detections: boxes.length,
        });
      }
      expect(connections).toBe(1);
    } finally {
      await camera.close();
    }
  });
});
