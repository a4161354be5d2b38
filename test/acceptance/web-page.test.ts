import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { InferenceReply, PredictedBox } from '@lensgate/contracts';
import { postPicture } from '@lensgate/testing';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { quickPath, samplesDir, scene, servePanel, upload } from './web-panel.js';

const panel = servePanel({ frameworks: ['ultralytics', 'timm'] });
const { openPage } = panel;

const ask = async (fields: Record<string, string | number | boolean>, file = scene): Promise<InferenceReply> => {
  const options = { image: await readFile(file), filename: 'scene.png', fields };
  const { status, body } = await postPicture<InferenceReply>(`${panel.stack.gateway.url}${quickPath}`, options);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

const rowOf = ({ label, confidence, x1, y1, x2, y2 }: PredictedBox): string[] => {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map(Math.round);
  return [label, confidence.toFixed(2), `${left}, ${top} – ${right}, ${bottom}`];
};
const boxesOf = (reply: InferenceReply) => ('predicted_boxes' in reply ? reply.predicted_boxes : []);

/** Label, confidence and corners of every row of the table. */
const rowsOn = (page: Page): Promise<string[][]> =>
  page
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].slice(1).map((cell) => cell.textContent?.trim() ?? '')));

test.each([20, 21])('job %i: the page lists and draws the boxes that the API answers', async (job) => {
  const page = await openPage(`?job=${job}`);
  await upload(page, scene);
  const boxes = boxesOf(await ask({ training_job_id: job, overlay: false }));
  expect(boxes.length).toBeGreaterThan(2);
  expect(await rowsOn(page)).toEqual(boxes.map(rowOf));
  expect(await page.locator('.layer g rect').count()).toBe(boxes.length);
  expect(await page.locator('.layer polygon').count()).toBe(job === 21 ? boxes.length : 0);
  expect(await page.locator('[role=status]').textContent()).toContain(`${boxes.length}개 표시`);
});

test('job 22: the page shows the five best classes of the API', async () => {
  const page = await openPage('?job=22');
  await upload(page, scene);
  const reply = await ask({ training_job_id: 22, overlay: false });
  const best = reply.task_type === 'image_classification' ? reply.top5_predictions : [];
  const shown = await page
    .locator('.class-bars li')
    .evaluateAll((items) =>
      items.map((item) => [...item.children].map((cell) => cell.textContent).filter((text) => text !== '')),
    );
  expect(best).toHaveLength(5);
  expect(shown).toEqual(best.map(({ label, confidence }) => [label, `${(confidence * 100).toFixed(1)}%`]));
  expect(await page.locator('#confidence').count()).toBe(0);
});

test('the threshold filters at once, as the API would, and sends nothing', async () => {
  const page = await openPage();
  await upload(page, scene);
  let sent = 0;
  page.on('request', () => {
    sent++;
  });
  const slider = page.getByLabel('신뢰도 기준');
  for (const threshold of [0.05, 0.6, 0.66]) {
    await slider.fill(String(threshold));
    const boxes = boxesOf(await ask({ training_job_id: 20, overlay: false, confidence_threshold: threshold }));
    expect(await rowsOn(page), `at ${threshold}`).toEqual(boxes.map(rowOf));
  }
  await slider.fill('0.95');
  const count = boxesOf(await ask({ training_job_id: 20, overlay: false, confidence_threshold: 0.05 })).length;
  expect(await page.locator('[role=status]').textContent()).toBe(`0개 표시, 0.95 이하 ${count}개`);
  await page.getByRole('button', { name: /기준 낮추기/ }).click();
  expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);
  expect(sent).toBe(0);
});

test('overlay and mask are the pictures that the API draws at this threshold', async () => {
  const page = await openPage('?job=21');
  await upload(page, scene);
  await page.getByLabel('신뢰도 기준').fill('0.6');
  const reply = await ask({ training_job_id: 21, confidence_threshold: 0.6 });
  const { overlay_base64, predicted_mask_base64 } = reply as Extract<
    InferenceReply,
    { task_type: 'instance_segmentation' }
  >;
  for (const [name, base64] of [
    ['API 오버레이', overlay_base64],
    ['API 마스크', predicted_mask_base64],
  ] as const) {
    await page.getByText(name, { exact: true }).click();
    await expect
      .poll(() => page.locator('.frame img').getAttribute('src'), { timeout: 20_000 })
      .toBe(`data:image/png;base64,${base64}`);
  }
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '오버레이 저장' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('scene-1006-overlay.png');
  expect((await readFile(await download.path())).toString('base64')).toBe(overlay_base64);
});

test('the request that is shown is the one that was sent: a shell gets the same answer', async () => {
  const page = await openPage('?job=21');
  await upload(page, scene);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'JSON 저장' }).click(),
  ]);
  const saved = JSON.parse(await readFile(await download.path(), 'utf8')) as InferenceReply;
  await page.getByText('보낸 요청 (curl)').click();
  const command = await page.locator('details[open] pre').textContent();
  const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --silent`], { cwd: samplesDir });
  const answer = JSON.parse(stdout) as InferenceReply;
  expect(boxesOf(answer)).toEqual(boxesOf(saved));
  expect(answer).not.toHaveProperty('overlay_base64');
});

test.each([
  ['ko-KR', '지원하지 않는 이미지', '텍스트 파일입니다'],
  ['en-GB', 'Not a supported picture', 'The file is text'],
])(
  'what went wrong is said in words of the page’s language (%s), with code and request id',
  async (locale, title, said) => {
    const page = await openPage('', { locale });
    const answered = page.waitForResponse((response) => response.url().endsWith(quickPath));
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: '메모.txt', mimeType: 'text/plain', buffer: Buffer.from('그림이 아닙니다') });
    const words = await page.getByRole('alert').textContent();
    const problem = (await (await answered).json()) as { detail: string; request_id: string };
    expect(problem.detail).toContain(said);
    for (const part of [title, problem.detail, 'IMAGE_UNSUPPORTED', problem.request_id]) expect(words).toContain(part);
    // The next picture is none the worse for it.
    await upload(page, scene);
    expect(await page.getByRole('alert').count()).toBe(0);
  },
);

test('a gateway that is away is said in words, and trying again works', async () => {
  const page = await openPage();
  await page.route(`**${quickPath}`, (route) => route.abort('connectionrefused'), { times: 1 });
  await page.locator('input[type=file]').setInputFiles(scene);
  expect(await page.getByRole('alert').textContent()).toContain('서버에 연결할 수 없습니다');
  await page.getByRole('button', { name: '다시 시도' }).click();
  await page.locator('.timings').waitFor();
});

test.each<[string, string, () => Promise<Buffer>]>([
  ['that it cannot display', 'image/tiff', () => sharp(scene).tiff().toBuffer()],
  ['that it would not turn', 'image/webp', () => sharp(scene).webp().withMetadata({ orientation: 6 }).toBuffer()],
  ['that it would play', 'image/gif', () => sharp(scene).gif().toBuffer()],
])('a picture %s is shown as the API has drawn it', async (_what, mimeType, make) => {
  const page = await openPage();
  await upload(page, { name: 'scene', mimeType, buffer: await make() });
  await expect
    .poll(() => page.locator('.frame img').getAttribute('src'), { timeout: 20_000 })
    .toMatch(/^data:image\/png/);
  expect(await page.getByText('이 브라우저는 이 이미지를 표시하지 못하거나').count()).toBe(1);
});

test.each(['paste', 'drop'] as const)('a picture is taken by %s anywhere on the page', async (kind) => {
  const page = await openPage();
  await page.evaluate(
    ([name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      const event =
        name === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
    },
    [kind, (await readFile(scene)).toString('base64')] as const,
  );
  await page.locator('tbody tr').first().waitFor();
});

test('a new request breaks the one before off', async () => {
  const page = await openPage('?job=20');
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(`**${quickPath}`, async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  const brokenOff = page.waitForEvent('requestfailed', (request) => request.url().endsWith(quickPath));
  const firstSent = page.waitForRequest(`**${quickPath}`);
  await page.locator('input[type=file]').setInputFiles(scene);
  await firstSent;
  await page.getByLabel('학습 작업').selectOption('22');
  expect((await brokenOff).failure()?.errorText).toBe('net::ERR_ABORTED');
  release();
  await page.locator('.class-bars').waitFor();
  expect(new URL(page.url()).searchParams.get('job')).toBe('22');
});

test('Korean comes first, English is a click away and is remembered', async () => {
  const page = await openPage();
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  expect(await page.locator('.drop-zone').textContent()).toContain('이미지를 끌어다 놓거나');
  await page.getByText('English', { exact: true }).click();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.reload();
  await page.getByText('Drop a picture here, or click to choose one').waitFor();
  expect(await page.title()).toBe('Lensgate · Try your trained vision models');
});

test('it can be used by keyboard alone', async () => {
  const page = await openPage();
  const focusedButton = () => page.evaluate(() => document.activeElement?.closest('button')?.textContent ?? '');
  for (let step = 0; step < 20 && !(await focusedButton()).includes('코트와 셔츠'); step++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const pin = page.locator('.pin').first();
  await pin.waitFor();
  for (let step = 0; step < 20 && !(await pin.evaluate((each) => each === document.activeElement)); step++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  expect(await pin.getAttribute('aria-pressed')).toBe('true');
  expect(await page.locator('.layer g.active').count()).toBe(1);
});

test.each([20, 21, 22])('job %i fits on a narrow phone without scrolling sideways', async (job) => {
  const page = await openPage(`?job=${job}`, { viewport: { width: 360, height: 740 } });
  await upload(page, scene);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  for (const summary of await page.locator('summary').all()) await summary.click();
  expect(await page.locator('details[open] pre').count()).toBeGreaterThan(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

test('a job that does not exist is named, and another one can be chosen', async () => {
  const page = await panel.newPage();
  await page.goto(`${panel.stack.gateway.url}/?job=987654`);
  await page.getByText('학습 작업 987654번이 없습니다').waitFor();
  await page.getByLabel('학습 작업').selectOption('20');
  await page.locator('.chips').waitFor();
});
