import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { samplesDir, scene, servePanel, upload } from './web-panel.js';

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
