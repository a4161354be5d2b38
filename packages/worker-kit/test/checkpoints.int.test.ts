import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, wordsOf } from '@lensgate/contracts';
import {
  call,
  detectModel,
  endlessSteps,
  greyPicture,
  homesOf,
  modelOfShapes,
  nothingLeft,
  type StartedWorker,
  sha256Of,
  startWorker,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const model = detectModel();
const named = (name: string) => withMetadata(model, { name });
const storeFiles = 3;
let worker: StartedWorker;
let black: Buffer;

beforeAll(async () => {
  black = await greyPicture(0);
  worker = await startWorker({
    env: { CHILDREN_MAX: '1', DEADLINE_MS: '10000', STORE_BYTES_MAX: String(named('1').length * storeFiles) },
  });
});
afterAll(async () => {
  await worker.stop();
  const left = await worker.leftovers();
  await worker.close();
  expect(left).toEqual(nothingLeft);
});

const filesInStore = async () => (await readdir(join(worker.folder, 'data/ultralytics-checkpoints'))).sort();

describe('a checkpoint that is put into the store', () => {
  test('is looked into, answered with findings, and warm from then on', async () => {
    const put = await worker.put(model);
    expect(put.status).toBe(200);
    expect(put.body).toMatchObject({
      sha256: sha256Of(model),
      bytes: model.length,
      findings: {
        family: 'yolo-detect',
        task_type: 'object_detection',
        input_width: 64,
        input_height: 64,
        num_classes: 3,
        class_names: ['class-0', 'class-1', 'class-2'],
      },
      warnings: [],
    });
    const before = await homesOf(worker, sha256Of(model));
    for (let time = 0; time < 2; time++) {
      const { status, body } = await worker.quick(sha256Of(model), { image: black });
      expect(status).toBe(200);
      expect(body.model.warm).toBe(true);
      expect(body).toMatchObject({
        num_detections: 1,
        predicted_boxes: [{ class_id: 0, label: 'class-0', bbox: [32, 24, 20, 10] }],
      });
    }
    expect(await homesOf(worker, sha256Of(model))).toEqual(before);
    const isLoad = (line: { msg?: string; pid?: unknown }) =>
      line.msg === 'checkpoint loaded' && line.pid === before[0];
    await worker.logged(isLoad);
    expect(worker.logs.filter(isLoad)).toHaveLength(1);
  });

  test('is asked for by its digest when the worker lacks it', async () => {
    const lacking = 'a'.repeat(64);
    const { status, body } = await worker.quick<Problem>(lacking, { image: black });
    expect([status, body.code, body.retryable]).toEqual([409, 'CHECKPOINT_NEEDED', true]);
    expect(body.detail).toContain(`PUT /checkpoints/${lacking}`);
  });

  test('under a digest that is not its own is refused, and nothing of it stays', async () => {
    const before = await filesInStore();
    const { status, body } = await worker.put<Problem>(named('mismatch'), { sha256: 'b'.repeat(64) });
    expect([status, body.code]).toEqual([422, 'DIGEST_MISMATCH']);
    expect(body.detail).toContain(sha256Of(named('mismatch')));
    expect(await filesInStore()).toEqual(before);
  });

  test('is kept within the bytes of the store, the least recently used going first', async () => {
    for (const name of ['1', '2', '3', '4', '5']) expect((await worker.put(named(name))).status).toBe(200);
    expect((await filesInStore()).length).toBeLessThanOrEqual(storeFiles);
    expect(await filesInStore()).toContain(`${sha256Of(named('5'))}.onnx`);
    const { status } = await worker.quick(sha256Of(named('1')), { image: black });
    expect(status).toBe(409);
  });
});

describe('a checkpoint that cannot be run is refused with 424 and words', () => {
  const bad: readonly { what: string; file: Buffer; words: RegExp }[] = [
    { what: 'a text', file: Buffer.from('hello, I am a text'), words: /not an ONNX model/ },
    { what: 'an empty file', file: Buffer.alloc(0), words: /empty/ },
    { what: 'a ZIP, as PyTorch saves', file: Buffer.from('PK\x03\x04 and so on'), words: /export it to ONNX/ },
    { what: 'a file that is cut short', file: model.subarray(0, model.length - 100), words: /cut short/ },
    {
      what: 'weights in another file',
      file: detectModel({ externalFile: 'weights.bin' }),
      words: /external data \("weights.bin"\)/,
    },
    {
      what: 'an operator nobody knows',
      file: detectModel({ unknownOp: 'Frobnicate' }),
      words: /No Op registered for Frobnicate/,
    },
    { what: 'a half-precision input', file: detectModel({ inputType: 'float16' }), words: /float16.*half=False/ },
    { what: 'a batch of four', file: detectModel({ batch: 4 }), words: /4 pictures at once/ },
    { what: 'fewer names than classes', file: detectModel({ names: ['a', 'b'] }), words: /3 classes.*names 2/ },
    {
      what: 'a task of no family',
      file: modelOfShapes({ task: 'singing', outputs: [[1, 7, 84]] }),
      words: /of no family.*"singing"/,
    },
    {
      what: 'an output that is no detector’s',
      file: modelOfShapes({ task: 'detect', outputs: [[1, 84, 7]] }),
      words: /\[1, 84, 7\] is not \[1, 4 \+ classes, anchors\]/,
    },
    { what: 'NMS in the graph', file: detectModel({ metadata: { end2end: 'True' } }), words: /end2end=False/ },
  ];

  test.each(bad)('$what', async ({ file, words }) => {
    const { status, body } = await worker.put<Problem>(file);
    expect([status, body.code, body.retryable]).toEqual([424, 'CHECKPOINT_REFUSED', false]);
    expect(body.detail).toMatch(words);
    expect(body.detail).not.toContain('/');
    expect(await filesInStore()).not.toContain(`${sha256Of(file)}.onnx`);
    const korean = await worker.put<Problem>(file, { language: 'ko' });
    const sentence = wordsOf('CHECKPOINT_REFUSED', 'ko').detail.replace('{reason}', '');
    expect([korean.status, korean.body.detail.replace(sentence, '')]).toEqual([424, expect.stringMatching(/[가-힣]/)]);
  });

  test('and that is remembered: a request for it hears the same without sending it again', async () => {
    const file = detectModel({ names: ['only one'] });
    await worker.put(file);
    const requestId = 'remembered';
    const { status, body } = await worker.quick<Problem>(sha256Of(file), { image: black, requestId });
    expect([status, body.code]).toEqual([424, 'CHECKPOINT_REFUSED']);
    expect(body.detail).toMatch(/names 1/);
  });

  test('and looked into again when it is sent again', async () => {
    const file = detectModel({ names: ['one', 'two'] });
    const statuses = [await worker.put(file), await worker.put(file)].map(({ status }) => status);
    expect(statuses).toEqual([424, 424]);
  });

  test('a job that says another task or number of classes than the checkpoint', async () => {
    const otherTask = await worker.put<Problem>(model, { query: { task_type: 'instance_segmentation' } });
    expect([otherTask.status, otherTask.body.detail]).toEqual([
      424,
      'The checkpoint is made for object_detection, the job for instance_segmentation.',
    ]);
    const otherCount = await worker.put<Problem>(model, { query: { task_type: 'object_detection', num_classes: 5 } });
    expect([otherCount.status, otherCount.body.detail]).toEqual([
      424,
      'The checkpoint has 3 classes, the job 5 (num_classes).',
    ]);
  });

  test('a model that never finishes its test picture; others load after it', async () => {
    const { status, body } = await worker.put<Problem>(detectModel({ steps: endlessSteps }));
    expect([status, body.code]).toEqual([424, 'CHECKPOINT_REFUSED']);
    expect(body.detail).toContain('time allowed');
    expect((await worker.put(named('after'))).status).toBe(200);
  });
});

describe('the children of a worker', () => {
  test('are bounded: an idle one makes room for another checkpoint', async () => {
    const [first, second] = [named('first'), named('second')];
    await worker.put(first);
    await worker.put(second);
    expect((await worker.checkpoint(sha256Of(first))).children).toBe(0);
    expect((await worker.checkpoint(sha256Of(second))).children).toBe(1);
    await worker.logged((line) => line.reason === 'evicted' && line.sha256 === sha256Of(first));
    const { status, body } = await worker.quick(sha256Of(first), { image: black });
    expect([status, body.model.warm]).toEqual([200, false]);
  });
});

describe('a checkpoint that is deleted', () => {
  test('while work of it runs and waits: the work is done, the child ends, and it is needed anew', async () => {
    const file = detectModel({ brightSteps: 10_000 });
    const sha256 = sha256Of(file);
    expect((await worker.put(file)).status).toBe(200);
    const white = await greyPicture(255);
    const clients = 4;
    const answers = Promise.all(Array.from({ length: clients }, () => worker.quick(sha256, { image: white })));
    await waitFor(async () => {
      const { in_flight, queued } = await worker.ready();
      return in_flight + queued === clients;
    });
    expect((await call(`${worker.url}/checkpoints/${sha256}`, { method: 'DELETE' })).status).toBe(204);
    const late = await worker.quick<Problem>(sha256, { image: white });
    expect([late.status, late.body.code]).toEqual([409, 'CHECKPOINT_NEEDED']);
    expect((await answers).map(({ status }) => status)).toEqual(Array(clients).fill(200));
    await waitFor(async () => (await worker.ready()).children === 0, { what: 'the end of its child' });
    expect((await worker.put(file)).status).toBe(200);
  });
});

describe('a worker that starts again', () => {
  test('removes half-written files, keeps whole ones, and serves them', async () => {
    const kept = named('kept');
    await worker.put(kept);
    await worker.kill9();
    await writeFile(join(worker.folder, 'data/ultralytics-checkpoints/half.part'), 'half');
    worker = await worker.again();
    expect(await filesInStore()).not.toContain('half.part');
    const { status, body } = await worker.quick(sha256Of(kept), { image: black });
    expect([status, body.model.warm]).toEqual([200, false]);
  });
});

describe('a checkpoint whose file on the disk', () => {
  const fileOf = (bytes: Buffer) => join(worker.folder, 'data/ultralytics-checkpoints', `${sha256Of(bytes)}.onnx`);
  const evictedBy = async (bytes: Buffer) => {
    await worker.put(bytes);
    expect((await worker.checkpoint(sha256Of(bytes))).children).toBe(1);
  };

  test('has one bit wrong is asked for anew, and served when it has come', async () => {
    const rotten = named('rotten');
    await worker.put(rotten);
    await evictedBy(named('beside'));
    const file = await readFile(fileOf(rotten));
    file[file.length - 3]! ^= 4;
    await writeFile(fileOf(rotten), file);
    const asked = await worker.quick<Problem>(sha256Of(rotten), { image: black });
    expect([asked.status, asked.body.code]).toEqual([409, 'CHECKPOINT_NEEDED']);
    expect(await filesInStore()).not.toContain(`${sha256Of(rotten)}.onnx`);
    expect((await worker.put(rotten)).status).toBe(200);
    expect((await worker.quick(sha256Of(rotten), { image: black })).status).toBe(200);
  });

  test('has gone is asked for anew', async () => {
    const gone = named('gone');
    await worker.put(gone);
    await evictedBy(named('beside the gone'));
    await rm(fileOf(gone));
    const asked = await worker.quick<Problem>(sha256Of(gone), { image: black });
    expect([asked.status, asked.body.code]).toEqual([409, 'CHECKPOINT_NEEDED']);
  });
});

describe('a model whose values are no numbers', () => {
  test('for one picture fails on that picture, in words, and serves the next from the same child', async () => {
    const white = await greyPicture(255);
    const broken = detectModel({ brightNan: true });
    expect((await worker.put(broken)).status).toBe(200);
    const failed = await worker.quick<Problem>(sha256Of(broken), { image: white });
    expect([failed.status, failed.body.code]).toEqual([500, 'INFERENCE_FAILED']);
    expect(failed.body.detail).toMatch(/output "output0" holds values that are no numbers/);
    const { status, body } = await worker.quick(sha256Of(broken), { image: black });
    expect([status, body.model.warm]).toEqual([200, true]);
  });

  test('for every picture is refused when it is looked into', async () => {
    const box = { cx: Number.NaN, cy: 24, w: 20, h: 10, classId: 0, score: 0.9 };
    const refused = await worker.put<Problem>(detectModel({ boxes: [box] }));
    expect([refused.status, refused.body.code]).toEqual([424, 'CHECKPOINT_REFUSED']);
    expect(refused.body.detail).toMatch(/NaN or infinity/);
  });
});
