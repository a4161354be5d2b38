import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogOutput } from './log-output.js';

test('lines go to a file in their order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lensgate-log-'));
  const fd = openSync(join(folder, 'log'), 'w');
  const output = openLogOutput(fd);
  for (const line of ['one\n', '둘\n', 'three\n']) output.write(line);
  output.flushSync();
  closeSync(fd);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('one\n둘\nthree\n');
  rmSync(folder, { recursive: true });
});

test('lines that tell of requests are written together, others at once with what waits before them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lensgate-log-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const output = openLogOutput(fd);
  const written = () => readFileSync(path, 'utf8');
  const request = '{"level":"info","status":200,"msg":"request"}\n';
  const picture = '{"level":"info","ms":9,"msg":"picture done"}\n';
  const change = '{"level":"info","audit":true,"event":"job.create"}\n';
  const error = '{"level":"error","status":500,"msg":"request"}\n';
  output.write(request);
  output.write(picture);
  expect(written()).toBe('');
  output.write(change);
  expect(written()).toBe(request + picture + change);
  output.write(error);
  expect(written()).toBe(request + picture + change + error);
  output.write(request);
  output.flushSync();
  closeSync(fd);
  expect(written()).toBe(request + picture + change + error + request);
  rmSync(folder, { recursive: true });
});

test('a line that nothing follows is written soon', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lensgate-log-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const line = '{"level":"info","status":200,"msg":"request"}\n';
  openLogOutput(fd).write(line);
  await expect.poll(() => readFileSync(path, 'utf8')).toBe(line);
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

test('a disk that is full costs lines, not the program', () => {
  const fd = openSync('/dev/full', 'w');
  const output = openLogOutput(fd);
  for (let line = 0; line < 100; line++) output.write('a line\n');
  output.flushSync();
  closeSync(fd);
});

test('a descriptor that is closed costs lines, not the program', () => {
  const fd = openSync('/dev/null', 'w');
  const output = openLogOutput(fd);
  closeSync(fd);
  output.write('a line\n');
  output.write('another\n');
  output.flushSync();
});
