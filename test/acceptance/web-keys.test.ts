import { join } from 'node:path';
import type { CreatedApiKey } from '@lensgate/contracts';
import { call, rootDir, type Stack, startStack } from '@lensgate/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isWithoutBrowser, launchBrowser, withoutBrowser } from './browser.js';

const adminKey = 'the-admin-key-of-this-test-0123456789';
const scene = join(rootDir, 'models/samples/scene-1006.png');

let stack: Stack;
let browser: Browser;
/** What a page has complained about: faults of its own, and what its policy has refused. */
let complaints: string[] = [];

beforeAll(async () => {
  if (isWithoutBrowser) return;
  [stack, browser] = await Promise.all([startStack({ gatewayEnv: { LENSGATE_ADMIN_KEY: adminKey } }), launchBrowser()]);
});
beforeEach(({ skip }) => {
  skip(isWithoutBrowser, withoutBrowser);
  complaints = [];
});
afterEach(async () => {
  await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
  expect(complaints.filter((line) => !line.includes('Failed to load resource'))).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const keysUrl = () => `${stack.gateway.url}/api/v1/keys`;
const headers = { authorization: `Bearer ${adminKey}` };
const newKey = async () =>
  (await call<CreatedApiKey>(keysUrl(), { method: 'POST', json: { name: 'of a page' }, headers })).body;

async function openPage(locale = 'ko-KR'): Promise<Page> {
  const page = await (await browser.newContext({ locale })).newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(stack.gateway.url);
  return page;
}

const enter = async (page: Page, key: string, label = 'API 키') => {
  await page.getByLabel(label).fill(key);
  await page.keyboard.press('Enter');
};

test('the page asks for a key where one is needed, says that one is wrong, and works with a right one', async () => {
  const { key } = await newKey();
  const page = await openPage();
  await page.getByText('이 서버를 쓰려면 키가 필요합니다').waitFor();
  expect(await page.locator('#job').count()).toBe(0);
  expect(await page.getByLabel('API 키').getAttribute('type')).toBe('password');

  const wrong = page.getByRole('alert').getByText('이 키는 쓸 수 없습니다');
  expect(await wrong.count()).toBe(0);
  await enter(page, `${key}x`);
  await wrong.waitFor();
  // What no header can hold is not even sent.
  await enter(page, '열려라 참깨');
  await wrong.waitFor();

  await enter(page, key);
  await page.locator('.chips').waitFor();
  await page.locator('input[type=file]').setInputFiles(scene);
  await page.locator('.timings').waitFor();
  expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);

  await page.getByText('보낸 요청 (curl)').click();
  expect(await page.locator('details[open] pre').textContent()).toContain('"Authorization: Bearer $LENSGATE_KEY"');
  expect(await page.content()).not.toContain(key);
  expect(page.url()).not.toContain(key);
});

test('the key stays with its tab: a reload keeps it, another tab asks, and it can be forgotten', async () => {
  const page = await openPage();
  await enter(page, (await newKey()).key);
  await page.locator('.chips').waitFor();
  await page.reload();
  await page.locator('.chips').waitFor();

  const other = await page.context().newPage();
  await other.goto(stack.gateway.url);
  await other.getByLabel('API 키').waitFor();
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie)).not.toContain('lg_');

  await page.getByRole('button', { name: '키 지우기' }).click();
  await page.getByLabel('API 키').waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('a key that is revoked while the page is open is asked for anew, and the picture is sent again', async () => {
  const { key, id } = await newKey();
  const page = await openPage();
  await enter(page, key);
  await page.locator('.chips').waitFor();
  await call(`${keysUrl()}/${id}`, { method: 'DELETE', headers });
  await page.locator('input[type=file]').setInputFiles(scene);
  await page.getByRole('alert').getByText('폐기되었거나').waitFor();
  await enter(page, (await newKey()).key);
  await page.locator('tbody tr').first().waitFor();
});

test('English asks in English', async () => {
  const page = await openPage('en-US');
  await page.getByText('This server asks for a key').waitFor();
  await enter(page, 'wrong', 'API key');
  await page.getByText('The server does not accept this key').waitFor();
});

test('a picture that is chosen before there is a key is named, and sent as soon as there is one', async () => {
  const page = await openPage();
  await page.getByLabel('API 키').waitFor();
  expect(await page.locator('.empty').textContent()).toContain('이미지를 올리면');
  await page.locator('input[type=file]').setInputFiles(scene);
  await page.locator('.empty').getByText('고른 이미지: scene-1006.png').waitFor();
  expect(await page.locator('.empty').textContent()).not.toContain('이미지를 올리면');
  await page.getByLabel('API 키').fill('half a k');
  // The prompt's own words change, and what is typed stays.
  await page.getByText('English', { exact: true }).click();
  await page.locator('.empty').getByText('scene-1006.png is chosen').waitFor();
  expect(await page.getByLabel('API key').inputValue()).toBe('half a k');
  await enter(page, (await newKey()).key, 'API key');
  await page.locator('tbody tr').first().waitFor();
});
