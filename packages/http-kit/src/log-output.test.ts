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
