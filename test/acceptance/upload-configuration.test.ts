import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint, CheckpointList, InferenceReply, Language, Problem, TrainingJob } from '@lensgate/contracts';
import {
  call,
  type FormPart,
  formOf,
  type ProblemAnswer,
  postPicture,
  rootDir,
  type Stack,
  startStack,
  zipOf,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const preprocessor = {
  image_processor_type: 'ViTImageProcessor',
  do_resize: true,
  size: { height: 64, width: 64 },
  resample: 2,
  do_normalize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
};
const labels = ['티셔츠', '바지', '풀오버', '드레스', '코트', '샌들', '셔츠', '스니커즈', '가방', '앵클부츠'];
const config = { id2label: Object.fromEntries(labels.map((label, id) => [id, label])) };

let stack: Stack;
let model: Buffer;
let picture: Buffer;

beforeAll(async () => {
  stack = await startStack({ frameworks: ['huggingface', 'timm'] });
  model = await readFile(join(rootDir, 'models/wardrobe-cls.onnx'));
  picture = await readFile(join(rootDir, 'test/reference/cls-images/19-ankle-boot-437x374.png'));
});
afterAll(() => stack.close());

const api = () => `${stack.gateway.url}/api/v1`;

async function aJob(framework: string): Promise<number> {
  const { body } = await call<TrainingJob>(`${api()}/training/jobs`, {
    method: 'POST',
    json: { name: 'shoes', framework, model_name: 'mine', task_type: 'image_classification', num_classes: 10 },
  });
  return body.id;
}

function upload<T = CheckpointList>(jobId: number, parts: readonly FormPart[], language: Language = 'en') {
  const { body, contentType } = formOf(parts);
  const url = `${api()}/training/jobs/${jobId}/checkpoints`;
  return call<T>(url, { method: 'POST', body, headers: { 'content-type': contentType, 'accept-language': language } });
}

const theModel = (): FormPart => ({ name: 'file', value: model, filename: 'model.onnx' });
const asText = (name: string, value: unknown): FormPart => ({ name, value: JSON.stringify(value) });
const asFile = (name: string, value: unknown): FormPart => ({
  name,
  value: Buffer.from(JSON.stringify(value, null, 2)),
  filename: `${name}.json`,
  type: 'application/json',
});

async function topOf(
  jobId: number,
  checkpoint?: Checkpoint,
): Promise<{ label: string; id: number; confidence: number }> {
  const { status, body } = await postPicture<InferenceReply>(`${api()}/test_inference/inference/quick`, {
    image: picture,
    fields: { training_job_id: jobId, overlay: false, ...(checkpoint ? { checkpoint_path: checkpoint.path } : {}) },
  });
  expect(status, JSON.stringify(body)).toBe(200);
  if (body.task_type !== 'image_classification') throw new Error(body.task_type);
  return { label: body.predicted_label, id: body.predicted_label_id, confidence: body.confidence };
}

describe('a Hugging Face checkpoint with its configuration', () => {
  test.each([
    ['as text fields', () => [theModel(), asText('preprocessor_config', preprocessor), asText('config', config)]],
    [
      'as files, before the model',
      () => [asFile('preprocessor_config', preprocessor), asFile('config', config), theModel()],
    ],
    [
      'in one zip, in a folder',
      () => {
        const files = {
          'my-model/config.json': Buffer.from(JSON.stringify(config)),
          'my-model/preprocessor_config.json': Buffer.from(JSON.stringify(preprocessor)),
          'my-model/onnx/MODEL.ONNX': model,
          'my-model/README.md': Buffer.from('hello'),
        };
        return [{ name: 'file', value: zipOf(files), filename: 'my-model.zip' }];
      },
    ],
  ] satisfies [string, () => FormPart[]][])('is accepted %s, and read as written', async (_, parts) => {
    const jobId = await aJob('huggingface');
    const { status, body } = await upload(jobId, parts());
    expect(status, JSON.stringify(body)).toBe(201);
    const [checkpoint] = body.checkpoints;
    expect(checkpoint).toMatchObject({ status: 'accepted' });
    expect(checkpoint?.filename.toLowerCase()).toBe('model.onnx');
    expect(checkpoint?.findings).toMatchObject({ family: 'hf-image-classifier', class_names: labels, input_width: 64 });
    expect(checkpoint?.warnings.join(' ')).toContain('sha256');
    expect(await topOf(jobId)).toMatchObject({ label: '앵클부츠', id: 9 });
  });

  test('is refused in words without its preprocessor_config.json', async () => {
    const answer = (await upload(await aJob('huggingface'), [theModel()])) as unknown as ProblemAnswer;
    expect(answer.status).toBe(424);
    expect(answer.body.code).toBe('CHECKPOINT_REFUSED');
    expect(answer.body.detail).toContain('preprocessor_config.json');
  });
});

test('the same model with another pretrained_cfg is another checkpoint with other answers', async () => {
  const jobId = await aJob('timm');
  const plain = await upload(jobId, [theModel()]);
  const cfg = { input_size: [3, 64, 64], interpolation: 'bicubic', crop_pct: 0.9, crop_mode: 'border' };
  const changed = await upload(jobId, [theModel(), asText('metadata', { pretrained_cfg: cfg, epoch: 7 })]);
  const [first] = plain.body.checkpoints;
  const [second] = changed.body.checkpoints;
  if (!first || !second) throw new Error('no checkpoint');
  expect(second.sha256).not.toBe(first.sha256);
  expect(second.epoch).toBe(7);
  expect((await topOf(jobId, first)).confidence).not.toBe((await topOf(jobId, second)).confidence);
});

describe('a zip that is no checkpoint', () => {
  const none = { 'config.json': Buffer.from('{}') };
  const several = { 'a.onnx': Buffer.from('a'), 'b.onnx': Buffer.from('b') };
  test.each([
    ['holds no model', () => zipOf(none), 'no .onnx file'],
    ['holds several models', () => zipOf(several), '2 .onnx files'],
    ['is cut short', () => zipOf(none).subarray(0, 60), 'cannot be read'],
    [
      'holds a configuration that is not JSON',
      () => zipOf({ 'model.onnx': model, 'config.json': Buffer.from('{') }),
      'no JSON object',
    ],
    [
      'holds a configuration that is a list',
      () => zipOf({ 'model.onnx': model, 'config.json': Buffer.from('[]') }),
      'no JSON object',
    ],
    ['holds nothing at all', () => zipOf({}), 'no .onnx file'],
  ])('%s: 422 in words, and nothing is left of it', async (_, bytes, words) => {
    const jobId = await aJob('huggingface');
    const parts = [{ name: 'file', value: bytes(), filename: 'model.zip' }];
    const answer = (await upload(jobId, parts)) as unknown as ProblemAnswer;
    expect(answer.status, JSON.stringify(answer.body)).toBe(422);
    expect(answer.body.detail).toContain(words);
    const { body } = await call<CheckpointList>(`${api()}/training/jobs/${jobId}/checkpoints`);
    expect(body.checkpoints).toEqual([]);
    expect((await stack.leftovers()).files).toEqual([]);
  });
});

test('a configuration that is not a JSON object is told by its field', async () => {
  const parts = [theModel(), { name: 'preprocessor_config', value: '[1, 2' }];
  const answer = (await upload(await aJob('huggingface'), parts)) as unknown as ProblemAnswer;
  expect(answer.status).toBe(422);
  expect(answer.body.errors?.[0]?.field).toBe('preprocessor_config');
});

test('why a checkpoint cannot be run is said in the language of who uploaded it, also to who uses it later', async () => {
  const jobId = await aJob('huggingface');
  const reason =
    '체크포인트에 preprocessor_config.json이 없습니다. 업로드의 필드로 보내거나 모델과 함께 zip 하나로 묶어 보내세요.';
  const refused = await upload<Problem>(jobId, [theModel()], 'ko');
  expect([refused.status, refused.body]).toEqual([
    424,
    expect.objectContaining({
      code: 'CHECKPOINT_REFUSED',
      detail: `이 체크포인트는 실행할 수 없습니다: ${reason}`,
      params: { reason: expect.stringMatching(/^The checkpoint comes without its preprocessor_config\.json\./) },
    }),
  ]);
  const listed = await call<CheckpointList>(`${api()}/training/jobs/${jobId}/checkpoints`);
  expect(listed.body.checkpoints).toMatchObject([{ status: 'refused', warnings: [reason] }]);
  const { body, contentType } = formOf([
    { name: 'training_job_id', value: String(jobId) },
    { name: 'checkpoint_path', value: listed.body.checkpoints[0]?.path ?? '' },
    { name: 'file', value: picture, filename: 'shoe.png' },
  ]);
  const used = await call<Problem>(`${api()}/test_inference/inference/quick`, {
    method: 'POST',
    body,
    headers: { 'content-type': contentType, 'accept-language': 'ko' },
  });
  expect([used.status, used.body.detail]).toEqual([424, refused.body.detail]);
});
