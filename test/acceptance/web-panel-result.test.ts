import type { InferenceReply } from '@lensgate/contracts';
import { type DetectModelOptions, detectModel, greyPicture } from '@lensgate/testing';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { servePanel, upload } from './web-panel.js';

const panel = servePanel();
const sidePx = 640;
let picture: { name: string; mimeType: string; buffer: Buffer };
beforeAll(async () => {
  picture = { name: 'grey.png', mimeType: 'image/png', buffer: await greyPicture(90, sidePx) };
});

/** A job that says nothing of its classes, whose checkpoint finds fixed boxes in every picture. */
async function newJob(model: DetectModelOptions): Promise<number> {
  const { gateway } = panel.stack;
  const { body: job } = await gateway.createJob({ num_classes: 0 });
  const uploaded = await gateway.upload(job.id, detectModel(model), { metadata: { is_best: true } });
  expect(uploaded.status, JSON.stringify(uploaded.body)).toBe(201);
  return job.id;
}

const boxesOf = (reply: InferenceReply) => ('predicted_boxes' in reply ? reply.predicted_boxes : []);

const swatchColours = (page: Page): Promise<string[]> =>
  page.locator('.swatch').evaluateAll((swatches) => swatches.map((each) => getComputedStyle(each).backgroundColor));

test('classes have the colours of the overlay, also when only the checkpoint knows all of them', async () => {
  // Alone, coat and shirt would have other colours than among these.
  const names = ['coat', 'bag', 'shirt', 'dress', 'boot', 'hat', 'scarf', 'belt', 'glove', 'sock'];
  const job = await newJob({
    classCount: names.length,
    names,
    boxes: [
      { cx: 16, cy: 40, w: 20, h: 20, classId: 0, score: 0.9 },
      { cx: 48, cy: 40, w: 20, h: 20, classId: 2, score: 0.8 },
    ],
  });
  const { body } = await panel.stack.gateway.quick(job, { image: picture.buffer });
  const boxes = boxesOf(body);
  expect(boxes.map(({ label }) => label)).toEqual(['coat', 'shirt']);
  const { data, info } = await sharp(Buffer.from(body.overlay_base64 ?? '', 'base64'))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const onEdges = boxes.map(({ x1, y1, y2 }) => {
    const at = (Math.round((y1 + y2) / 2) * info.width + Math.round(x1)) * info.channels;
    return `rgb(${[...data.subarray(at, at + 3)].join(', ')})`;
  });

  const page = await panel.openPage(`?job=${job}`);
  await upload(page, picture);
  await expect.poll(() => swatchColours(page)).toEqual(onEdges);
});
