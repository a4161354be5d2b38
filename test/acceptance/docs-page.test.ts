import { join } from 'node:path';
import { rootDir, type Stack, startStack } from '@lensgate/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isWithoutBrowser, launchBrowser, withoutBrowser } from './browser.js';

let stack: Stack;
let browser: Browser;
beforeAll(async () => {
  if (isWithoutBrowser) return;
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
beforeEach(({ skip }) => skip(isWithoutBrowser, withoutBrowser));
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

/** Opens one operation of the page, ready to be tried. */
async function openOperation(id: string): Promise<{ page: Page; operation: Locator }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${stack.gateway.url}/docs`);
  const operation = page.locator(`[id$="-${id}"]`);
  await operation.locator('.opblock-summary-control').first().click();
  await operation.locator('.execute').waitFor();
  return { page, operation };
}

async function execute(page: Page, operation: Locator): Promise<{ status: number; body: Record<string, unknown> }> {
  const answered = page.waitForResponse((response) => response.url().includes('/api/v1/'));
  await operation.locator('.execute').click();
  const answer = await answered;
  return { status: answer.status(), body: (await answer.json()) as Record<string, unknown> };
}

test('a picture is sent as a form with nothing to fill in but the file', async () => {
  const { page, operation } = await openOperation('quickInference');
  await operation.locator('input[type=file]').setInputFiles(join(rootDir, 'models/samples/scene-1003.png'));
  const { status, body } = await execute(page, operation);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({ image_name: 'scene-1003.png', num_detections: 2, warnings: [] });
});

test('a job is read with the number that the page proposes', async () => {
  const { page, operation } = await openOperation('getJob');
  expect(await execute(page, operation)).toMatchObject({ status: 200, body: { id: 20 } });
});

test('a list starts at its beginning, whatever the examples ask for', async () => {
  const { page, operation } = await openOperation('listJobs');
  const { body } = await execute(page, operation);
  expect((body.jobs as unknown[]).length).toBe(3);
});
