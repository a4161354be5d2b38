import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '@lensgate/contracts';
import {
  closeConnections,
  detectModel,
  modelOfShapes,
  rootDir,
  type StartedWorker,
  startWorker,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let worker: StartedWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(async () => {
  await closeConnections();
  await worker?.close();
});

const synthetic = (name: string) => readFile(join(rootDir, `test/reference/synthetic/models/${name}.onnx`));
const segmenter = (options: { protos?: readonly number[]; rows?: number; names?: number } = {}) =>
  modelOfShapes({
    task: 'segment',
    classCount: options.names ?? 3,
    outputs: [[1, options.rows ?? 4 + 3 + 32, 84], [...(options.protos ?? [1, 32, 16, 16])]],
  });

describe('an Ultralytics worker recognizes', () => {
  test.each([
    { what: 'a detector', file: () => detectModel(), family: 'yolo-detect', task: 'object_detection' },
    { what: 'a segmenter', file: segmenter, family: 'yolo-segment', task: 'instance_segmentation' },
  ])('$what', async ({ file, family, task }) => {
    const { status, body } = await worker.put(file());
    expect(status).toBe(200);
    expect(body.findings).toMatchObject({ family, task_type: task, num_classes: 3, input_width: 64, input_height: 64 });
    expect(body.findings.class_names).toEqual(['class-0', 'class-1', 'class-2']);
  });

  test('a detector without metadata, by its shapes alone', async () => {
    const metadata = { task: undefined, names: undefined, stride: undefined, imgsz: undefined };
    const { status, body } = await worker.put(detectModel({ metadata }));
    expect(status).toBe(200);
    expect(body.findings).toMatchObject({ family: 'yolo-detect', num_classes: 3, class_names: null });
    expect(body.warnings.join(' ')).toMatch(/labels are numbers/);
  });

  test('a detector of open sizes, with the size of its metadata', async () => {
    const { body } = await worker.put(await synthetic('syn-det-dynamic'));
    expect(body.findings).toMatchObject({
      family: 'yolo-detect',
      input_width: 320,
      input_height: 320,
      num_classes: 10,
    });
  });
});

describe('an Ultralytics worker refuses with 424 in words', () => {
  test.each<[string, () => Uint8Array | Promise<Uint8Array>, RegExp]>([
    [
      'a detector with more names than classes',
      () => detectModel({ names: ['a', 'b', 'c', 'd'] }),
      /has 3 classes, the checkpoint names 4/,
    ],
    ['a segmenter with fewer names than classes', () => segmenter({ names: 2 }), /has 3 classes, .* names 2/],
    ['a half-precision input', () => detectModel({ inputType: 'float16' }), /float16.*half=False/],
    ['a batch of four', () => detectModel({ batch: 4 }), /takes 4 pictures at once/],
    ['NMS in the graph, by end2end', () => synthetic('syn-e2e-det'), /NMS in the graph.*end2end=False/],
    [
      'NMS in the graph, by the export arguments',
      () => detectModel({ metadata: { args: "{'nms': True}" } }),
      /NMS in the graph.*nms=False/,
    ],
    ['a pose model', () => synthetic('syn-pose'), /no family that this worker serves.*task "pose"/],
    ['rows that are final detections', () => synthetic('syn-rtdetr'), /not \[1, 4 \+ classes, anchors\]/],
    [
      'prototypes of another number',
      () => segmenter({ protos: [1, 16, 16, 16] }),
      /\[1, 16, 16, 16\] is not \[1, 32, height, width\]/,
    ],
    [
      'a segmenter without room for coefficients',
      () => segmenter({ rows: 30 }),
      /not \[1, 4 \+ classes \+ 32, anchors\]/,
    ],
    ['an operator that ONNX Runtime lacks', () => detectModel({ unknownOp: 'Telepathy' }), /does not load the model/],
    ['weights in another file', () => detectModel({ externalFile: 'weights.bin' }), /weights\.bin|other file/],
  ])('%s', async (_what, file, words) => {
    const { status, body } = await worker.put<Problem>(await file());
    expect([status, body.code]).toEqual([424, 'CHECKPOINT_REFUSED']);
    expect(body.detail).toMatch(words);
    expect(body.detail).not.toMatch(/\/|\bat \w+ \(/);
  });

  test("a checkpoint of another task than the job's", async () => {
    const { status, body } = await worker.put<Problem>(detectModel({ classCount: 4 }), {
      query: { task_type: 'instance_segmentation' },
    });
    expect(status).toBe(424);
    expect(body.detail).toMatch(/made for object_detection, the job for instance_segmentation/);
  });
});
