import {
  boxDifferences,
  childLinesOf,
  closeConnections,
  homesOf,
  nothingLeft,
  referencePictures,
  rootDir,
  type Stack,
  type StartedWorker,
  startStack,
  waitFor,
} from '@lensgate/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const demoJob = 20;
const pictures = referencePictures();
let stack: Stack;
let worker: StartedWorker;

beforeAll(async () => {
  stack = await startStack();
  worker = stack.workers.get('ultralytics')!;
});
afterAll(async () => {
  await stack.stop();
  const left = await stack.leftovers();
  await stack.close();
  expect(left).toEqual(nothingLeft);
  await closeConnections();
});

describe('job 20 by HTTP', () => {
  test('has 33 reference pictures to answer for', () => {
    expect(pictures).toHaveLength(33);
  });

  test.each(pictures)('finds in $name what the reference finds', async ({ name, bytes, expected }) => {
    const { status, body } = await stack.gateway.quick(demoJob, {
      image: bytes,
      filename: name,
      fields: { overlay: false },
    });
    expect(status).toBe(200);
    if (body.task_type !== 'object_detection') throw new Error(`a ${body.task_type}`);
    expect(boxDifferences(body.predicted_boxes, expected)).toEqual([]);
    expect(body).toMatchObject({
      num_detections: expected.detections.length,
      image_name: name,
      image_width: expected.width,
      image_height: expected.height,
    });
  });

  test('answers boxes in both forms, which agree', async () => {
    const { body } = await stack.gateway.quick(demoJob, { image: pictures[0]!.bytes });
    if (body.task_type !== 'object_detection') throw new Error(`a ${body.task_type}`);
    expect(body.predicted_boxes.length).toBeGreaterThan(0);
    for (const { bbox, x1, y1, x2, y2, format } of body.predicted_boxes) {
      expect(format).toBe('yolo');
      const [cx, cy, width, height] = bbox;
      for (const [is, should] of [
        [cx, (x1 + x2) / 2],
        [cy, (y1 + y2) / 2],
        [width, x2 - x1],
        [height, y2 - y1],
      ] as const)
        expect(is).toBeCloseTo(should, 3);
    }
  });

  test('draws an overlay of the size of the picture, without a data: prefix', async () => {
    const { bytes, expected } = pictures[0]!;
    const { status, headers, body } = await stack.gateway.quick(demoJob, { image: bytes });
    expect(status).toBe(200);
    const overlay = 'overlay_base64' in body ? body.overlay_base64 : undefined;
    const image = sharp(Buffer.from(overlay ?? '', 'base64'));
    expect(await image.metadata()).toMatchObject({ format: 'png', width: expected.width, height: expected.height });
    const drawn = await image.removeAlpha().raw().toBuffer();
    expect(drawn.equals(await sharp(bytes).removeAlpha().raw().toBuffer())).toBe(false);
    expect(headers['server-timing']).toMatch(/upload;dur=.*queue;dur=.*run;dur=.*encode;dur=/);
  });

  test('loads nothing for the second request', async () => {
    const first = await stack.gateway.quick(demoJob, { image: pictures[0]!.bytes });
    const { sha256 } = first.body.model;
    const before = { homes: await homesOf(worker, sha256), loads: loadsOf(sha256) };
    const second = await stack.gateway.quick(demoJob, { image: pictures[1]!.bytes });
    expect(second.body.model).toMatchObject({ warm: true, sha256 });
    expect({ homes: await homesOf(worker, sha256), loads: loadsOf(sha256) }).toEqual(before);
    expect(before.loads).toBe(1);
  });

  test('is not called warm when it had to wait for its own checkpoint', async () => {
    const image = pictures[0]!.bytes;
    const first = await stack.gateway.quick(21, { image, fields: { overlay: false } });
    const second = await stack.gateway.quick(21, { image, fields: { overlay: false } });
    expect([first.body.model.warm, second.body.model.warm]).toEqual([false, true]);
  });

  test('is told from its pixels alone: the same answer for a name in Korean', async () => {
    const { bytes, expected } = pictures[2]!;
    const { status, body } = await stack.gateway.quick(demoJob, { image: bytes, filename: '옷장 사진.png' });
    expect([status, body.image_name]).toEqual([200, '옷장 사진.png']);
    expect('predicted_boxes' in body && boxDifferences(body.predicted_boxes, expected)).toEqual([]);
  });

  const loadsOf = (sha256: string) =>
    worker.logs.filter((line) => line.msg === 'checkpoint loaded' && line.sha256 === sha256).length;
});

describe('one request in the log', () => {
  test('is one line each in gateway, worker and child, with one id', async () => {
    const requestId = 'followed-through-all';
    const { headers } = await stack.gateway.quick(demoJob, { image: pictures[0]!.bytes, requestId });
    expect(headers['x-request-id']).toBe(requestId);
    await waitFor(() => childLinesOf(worker, requestId).length > 0);
    await worker.logged((line) => line.request_id === requestId && line.service !== 'child');
    await stack.gateway.logged((line) => line.request_id === requestId);
    const lines = [...stack.gateway.logs, ...worker.logs].filter((line) => line.request_id === requestId);
    expect(lines.map(({ service }) => service).sort()).toEqual(['child', 'gateway', 'worker-ultralytics']);
  });

  test('shows no path, no name of a file, no picture and no address of the database', () => {
    const lines = [...stack.gateway.logs, ...worker.logs].map((line) => JSON.stringify(line));
    const base64 = pictures[0]!.bytes.toString('base64').slice(0, 40);
    const forbidden = [rootDir, worker.folder, stack.gateway.folder, 'file://', 'postgres', base64, pictures[0]!.name];
    for (const text of forbidden) expect(lines.filter((line) => line.includes(text))).toEqual([]);
    expect([...stack.gateway.otherOutput, ...worker.otherOutput]).toEqual([]);
  });
});
