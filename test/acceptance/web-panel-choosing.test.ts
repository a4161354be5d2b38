import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { quickPath, samplesDir, scene, servePanel, upload } from './web-panel.js';

const panel = servePanel();

const resultTop = (page: Page) => page.locator('.result').evaluate((each) => each.getBoundingClientRect().top);

test('on a phone every new picture leads to its result', async () => {
  const page = await panel.openPage('', { viewport: { width: 360, height: 740 } });
  for (const name of ['scene-1006.png', 'scene-1000.png']) {
    await page.evaluate(() => window.scrollTo(0, 0));
    await upload(page, join(samplesDir, name));
    expect(await resultTop(page), name).toBeCloseTo(0, 0);
  }
});

test('the last choice wins over a sample that comes late', async () => {
  const page = await panel.openPage();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/assets/scene-1000*.png', async (route) => {
    // The picture of the button itself may come at once.
    if (route.request().resourceType() === 'fetch') await held;
    await route.continue().catch(() => {});
  });
  const brokenOff = page.waitForEvent('requestfailed', (request) => request.url().includes('scene-1000'));
  const asked = page.waitForRequest((request) => request.url().includes('scene-1000'));
  await page.getByRole('button', { name: '가방과 샌들' }).click();
  await asked;
  await upload(page, scene);
  await brokenOff;
  release();
  expect(await page.locator('.drop-zone small').textContent()).toBe('scene-1006.png');
});

test.each([
  ['ko-KR', '파일 3개 중 첫 번째(첫째.png)만 사용했습니다'],
  ['en-GB', 'Of the 3 files only the first, 첫째.png, was taken'],
])('of several dropped files the first is taken, and the page says so (%s)', async (locale, said) => {
  const page = await panel.openPage('', { locale });
  await page.evaluate(
    (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      for (const name of ['첫째.png', '둘째.png', '셋째.png'])
        data.items.add(new File([bytes], name, { type: 'image/png' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    (await readFile(scene)).toString('base64'),
  );
  await page.getByRole('alert').getByText(said).waitFor();
  await page.locator('tbody tr').first().waitFor();
  await upload(page, scene);
  expect(await page.getByRole('alert').count()).toBe(0);
});

test.each([
  ['ko-KR', '파일을 읽을 수 없습니다'],
  ['en-GB', 'The file cannot be read'],
])(
  'a file that is gone since it was chosen is told as that, not as a server that is away (%s)',
  async (locale, said) => {
    const folder = await mkdtemp(join(tmpdir(), 'lensgate-page-'));
    try {
      const path = join(folder, 'scene.png');
      await copyFile(scene, path);
      const page = await panel.openPage('?job=20', { locale });
      await upload(page, path);
      await rm(path);
      await page.locator('#job').selectOption('21');
      expect(await page.getByRole('alert').textContent()).toContain(said);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test('in a low window the slider can be reached while the picture is in sight', async () => {
  const page = await panel.openPage('', { viewport: { width: 1280, height: 420 } });
  await upload(page, scene);
  const slider = page.getByLabel('신뢰도 기준');
  await slider.scrollIntoViewIfNeeded();
  const { top, bottom, pictureBottom } = await page.evaluate(() => {
    const at = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
    return { top: at('#confidence').top, bottom: at('#confidence').bottom, pictureBottom: at('.frame').bottom };
  });
  expect(top).toBeGreaterThanOrEqual(0);
  expect(bottom).toBeLessThanOrEqual(420);
  expect(pictureBottom).toBeGreaterThan(100);
});

test('an empty file is told as one, and nothing is sent', async () => {
  const page = await panel.openPage();
  let sent = 0;
  page.on('request', (request) => {
    if (request.url().endsWith(quickPath)) sent++;
  });
  const empty = { name: 'empty.png', mimeType: 'image/png', buffer: Buffer.alloc(0) };
  await page.locator('input[type=file]').setInputFiles(empty);
  await page.getByRole('alert').getByText('빈 파일입니다').waitFor();
  await page.getByText('English', { exact: true }).click();
  await page.getByRole('alert').getByText('The file is empty').waitFor();
  expect(sent).toBe(0);
});
