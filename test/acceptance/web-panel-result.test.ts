import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceReply } from '@lensgate/contracts';
import { type DetectModelOptions, detectModel, greyPicture } from '@lensgate/testing';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { quickPath, samplesDir, scene, servePanel, upload } from './web-panel.js';

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

test.each([360, 1280])('long names of classes widen neither picture nor page (%i px)', async (width) => {
  const name = `pantalon-${'de-travail-'.repeat(16)}bleu`;
  const job = await newJob({
    names: [name, 'b', 'c'],
    boxes: [{ cx: 48, cy: 40, w: 20, h: 20, classId: 0, score: 0.9 }],
  });
  const page = await panel.openPage(`?job=${job}`, { viewport: { width, height: 740 } });
  await upload(page, picture);
  const tag = page.locator('.tag');
  await tag.waitFor();
  const [frame, tagBox] = [await page.locator('.frame').boundingBox(), await tag.boundingBox()];
  expect(tagBox!.x).toBeGreaterThanOrEqual(frame!.x - 0.5);
  expect(tagBox!.x + tagBox!.width).toBeLessThanOrEqual(frame!.x + frame!.width + 0.5);
  expect(await tag.locator('span').last().textContent()).toBe('0.90');
  const inTable = page.locator('.pin').getByText(name);
  expect(await inTable.evaluate((each) => each.scrollWidth <= each.clientWidth || each.clientWidth === 0)).toBe(true);
  for (const selector of ['html', '.table-holder'])
    expect(await page.locator(selector).evaluate((each) => each.scrollWidth - each.clientWidth), selector).toBe(0);
});

test('an overlay is saved of what was shown when it was asked for', async () => {
  const page = await panel.openPage('?job=20');
  await upload(page, scene);
  await page.getByText('API 오버레이', { exact: true }).click();
  const shown = () => page.locator('.frame img').getAttribute('src');
  await expect.poll(shown).toMatch(/^data:image\/png/);
  // In one go: before the drawing has followed the slider.
  const downloading = page.waitForEvent('download');
  await page.evaluate(() => {
    const slider = document.querySelector<HTMLInputElement>('#confidence')!;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(slider, '0.6');
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    [...document.querySelectorAll('button')].find(({ textContent }) => textContent === '오버레이 저장')?.click();
  });
  const { body } = await panel.stack.gateway.quick(20, {
    image: await readFile(scene),
    fields: { confidence_threshold: 0.6 },
  });
  const saved = await readFile(await (await downloading).path());
  expect(saved.toString('base64')).toBe(body.overlay_base64);
});

test('an overlay is not saved when picture or threshold have changed before it came', async () => {
  const page = await panel.openPage('?job=20');
  const downloads: string[] = [];
  page.on('download', (download) => downloads.push(download.suggestedFilename()));
  const shown = () => page.locator('.frame img').getAttribute('src');
  const dropped = page.getByText('바뀌어 저장하지 않았습니다');
  await upload(page, scene);
  for (const change of [
    () => page.getByLabel('신뢰도 기준').fill('0.6'),
    () => page.locator('input[type=file]').setInputFiles(join(samplesDir, 'scene-1000.png')),
  ]) {
    // In this view no overlay is fetched by itself.
    await page.locator('.segments').getByText('결과', { exact: true }).click();
    await upload(page, scene);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(`**${quickPath}`, (route) => held.then(() => route.continue()).catch(() => {}));
    const asked = page.waitForRequest(`**${quickPath}`);
    await page.getByRole('button', { name: '오버레이 저장' }).click();
    await asked;
    await change();
    await dropped.waitFor();
    release();
    await page.unroute(`**${quickPath}`);
    await expect.poll(shown, { timeout: 20_000 }).toMatch(/^data:image\/png/);
  }
  expect(downloads).toEqual([]);
});

test('a tap on a box singles it out, with its row, also inside of a larger and surer one; another tap lets it go', async () => {
  const job = await newJob({
    names: ['outer', 'inner', 'none'],
    boxes: [
      { cx: 32, cy: 32, w: 50, h: 50, classId: 0, score: 0.9 },
      { cx: 32, cy: 32, w: 12, h: 12, classId: 1, score: 0.6 },
    ],
  });
  const page = await panel.openPage(`?job=${job}`, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await upload(page, picture);
  const inner = page.locator('.layer .target').last();
  await inner.tap();
  expect(await page.locator('.pin[aria-pressed=true]').textContent()).toBe('inner');
  expect(await page.locator('tr.active .pin').textContent()).toBe('inner');
  expect(await page.locator('.layer g.active').count()).toBe(1);
  expect(await page.locator('.layer g.faded').count()).toBe(1);
  await inner.tap();
  expect(await page.locator('.pin[aria-pressed=true]').count()).toBe(0);
  expect(await page.locator('.layer g.faded').count()).toBe(0);
});
