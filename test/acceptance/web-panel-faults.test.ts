import { readFile } from 'node:fs/promises';
import type { TrainingJobList } from '@lensgate/contracts';
import { call } from '@lensgate/testing';
import { expect, test } from 'vitest';
import { quickPath, scene, servePanel, upload } from './web-panel.js';

const panel = servePanel();

test.each([
  ['ko-KR', '읽을 수 없는 형식으로 응답했습니다'],
  ['en-GB', 'in a form that this page does not know'],
])(
  'an answer of another form is told in the page’s language (%s), and the next picture works',
  async (locale, said) => {
    const page = await panel.openPage('', { locale });
    await page.route(`**${quickPath}`, (route) => route.fulfill({ json: { task_type: 'object_detection' } }), {
      times: 1,
    });
    await page.locator('input[type=file]').setInputFiles(scene);
    expect(await page.getByRole('alert').textContent()).toContain(said);
    await upload(page, scene);
    expect(await page.getByRole('alert').count()).toBe(0);
  },
);

test.each([
  ['ko-KR', '이 부분을 표시할 수 없습니다', '페이지 새로 고침'],
  ['en-GB', 'This part of the page cannot be shown', 'Reload the page'],
])('a result that cannot be drawn takes nothing else of the page with it (%s)', async (locale, said, reload) => {
  const page = await panel.openPage('?job=20', { locale });
  // React tells the console of what was caught.
  panel.expectComplaint('is not a function');
  const { body } = await panel.stack.gateway.quick(20, { image: await readFile(scene), fields: { overlay: false } });
  const odd = { ...body, task_type: 'instance_segmentation', predicted_masks: [{ polygon: 'M0 0' }] };
  await page.route(`**${quickPath}`, (route) => route.fulfill({ json: odd }), { times: 1 });
  await page.locator('input[type=file]').setInputFiles(scene);
  const note = page.getByRole('alert');
  expect(await note.textContent()).toContain(said);
  await note.getByRole('button', { name: reload }).waitFor();
  await upload(page, scene);
  expect(await note.count()).toBe(0);
});

test('a job of which something is odd leaves the others to be chosen', async () => {
  const page = await panel.newPage();
  panel.expectComplaint('Minified React error #31');
  const { body } = await call<TrainingJobList>(`${panel.stack.gateway.url}/api/v1/training/jobs?limit=100`);
  const jobs = body.jobs.map((job) => (job.id === 20 ? { ...job, framework: { name: 'yolo' } } : job));
  await page.route('**/api/v1/training/jobs?*', (route) => route.fulfill({ json: { jobs } }));
  await page.goto(`${panel.stack.gateway.url}/?job=20`);
  await page.getByRole('alert').getByText('이 부분을 표시할 수 없습니다').waitFor();
  await page.getByLabel('학습 작업').selectOption('21');
  await page.locator('.chips').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('a list of jobs of another form is told, and can be asked for again', async () => {
  const page = await panel.newPage();
  await page.route('**/api/v1/training/jobs?*', (route) => route.fulfill({ json: [{ job: 20 }] }), { times: 1 });
  await page.goto(panel.stack.gateway.url);
  await page.getByRole('alert').getByText('읽을 수 없는 형식으로 응답했습니다').waitFor();
  await page.getByRole('button', { name: '다시 시도' }).click();
  await page.locator('.chips').waitFor();
});
