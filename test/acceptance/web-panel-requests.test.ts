import { detectModel, endlessSteps, greyPicture } from '@lensgate/testing';
import { expect, test } from 'vitest';
import { quickPath, scene, servePanel, upload } from './web-panel.js';

const panel = servePanel();

test.each([
  ['ko-KR', '취소', '요청을 취소했습니다', '다시 시도'],
  ['en-GB', 'Cancel', 'The request was cancelled', 'Try again'],
])('a request can be cancelled while it runs, and sent again (%s)', async (locale, cancel, said, again) => {
  const page = await panel.openPage('', { locale });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(`**${quickPath}`, (route) => held.then(() => route.continue()).catch(() => {}), { times: 1 });
  const brokenOff = page.waitForEvent('requestfailed', (request) => request.url().endsWith(quickPath));
  await page.locator('input[type=file]').setInputFiles(scene);
  await page.getByRole('button', { name: cancel }).click();
  expect((await brokenOff).failure()?.errorText).toBe('net::ERR_ABORTED');
  release();
  await page.getByText(said).waitFor();
  expect(await page.locator('progress').count()).toBe(0);
  await page.getByRole('button', { name: again }).click();
  await page.locator('.timings').waitFor();
  expect(await page.getByText(said).count()).toBe(0);
});

test('what is cancelled is dropped by the server, too', async () => {
  const { gateway } = panel.stack;
  const { body: job } = await gateway.createJob();
  await gateway.upload(job.id, detectModel({ brightSteps: endlessSteps }), { metadata: { is_best: true } });
  const page = await panel.openPage(`?job=${job.id}`);
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'white.png', mimeType: 'image/png', buffer: await greyPicture(255) });
  await page.getByText('추론 중…').last().waitFor();
  await page.getByRole('button', { name: '취소' }).click();
  await page.getByText('요청을 취소했습니다').waitFor();
  // The next picture would wait for the one before, which never ends.
  await upload(page, { name: 'dark.png', mimeType: 'image/png', buffer: await greyPicture(20) });
});

test('an overlay that is cancelled is not saved later', async () => {
  const page = await panel.openPage();
  const downloads: string[] = [];
  page.on('download', (download) => downloads.push(download.suggestedFilename()));
  await upload(page, scene);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(`**${quickPath}`, (route) => held.then(() => route.continue()).catch(() => {}), { times: 1 });
  await page.getByRole('button', { name: '오버레이 저장' }).click();
  await page.getByRole('button', { name: '취소' }).click();
  await page.getByText('요청을 취소했습니다').waitFor();
  release();
  await page.getByRole('button', { name: '다시 시도' }).click();
  await expect
    .poll(() => page.locator('.frame img').getAttribute('src'), { timeout: 20_000 })
    .toMatch(/^data:image\/png/);
  expect(downloads).toEqual([]);
});

test('what went wrong is said anew when the page speaks another language', async () => {
  const page = await panel.openPage();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: '메모.txt', mimeType: 'text/plain', buffer: Buffer.from('그림이 아닙니다') });
  await page.getByRole('alert').getByText('텍스트 파일입니다').waitFor();
  await page.getByText('English', { exact: true }).click();
  await page.getByRole('alert').getByText('The file is text').waitFor();
  await page.getByText('한국어', { exact: true }).click();
  await page.getByRole('alert').getByText('텍스트 파일입니다').waitFor();
});
