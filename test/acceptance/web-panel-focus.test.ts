import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { quickPath, scene, servePanel, upload } from './web-panel.js';

const panel = servePanel();
const jobsPath = '**/api/v1/training/jobs?*';

/** Where the keyboard is: an id, a role or a class of the element that has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at === document.body ? 'lost' : at?.id || at?.getAttribute('role') || at?.className || at?.tagName || '';
  });

const press = async (page: Page, name: string | RegExp) => {
  await page.getByRole('button', { name }).focus();
  await page.keyboard.press('Enter');
};

test('the focus stays with the slider, or with the words about what it shows, when their buttons go', async () => {
  const page = await panel.openPage();
  await upload(page, scene);
  await page.getByLabel('신뢰도 기준').fill('0.95');
  await press(page, /기준 낮추기/);
  await page.locator('tbody tr').first().waitFor();
  expect(await focused(page)).toBe('status');
  await press(page, '기본값으로');
  await page.getByRole('button', { name: '기본값으로' }).waitFor({ state: 'detached' });
  expect(await focused(page)).toBe('confidence');
});

test('after another try the focus is where the result is', async () => {
  const page = await panel.openPage();
  await page.route(`**${quickPath}`, (route) => route.abort('connectionrefused'), { times: 1 });
  await page.locator('input[type=file]').setInputFiles(scene);
  await press(page, '다시 시도');
  await page.locator('.timings').waitFor();
  await expect.poll(() => focused(page)).toContain('result');
});

test('after another try for the jobs the focus is where they are chosen', async () => {
  const page = await panel.newPage();
  await page.route(jobsPath, (route) => route.abort('connectionrefused'), { times: 1 });
  await page.goto(panel.stack.gateway.url);
  await press(page, '다시 시도');
  await page.locator('.chips').waitFor();
  await expect.poll(() => focused(page)).toContain('controls');
});

test('focus that was given up by a press elsewhere is not taken back', async () => {
  const page = await panel.openPage();
  await page.getByRole('button', { name: '가방과 샌들' }).focus();
  await page.locator('h1').click();
  expect(await focused(page)).toBe('lost');
  await upload(page, scene);
  expect(await focused(page)).toBe('lost');
});
