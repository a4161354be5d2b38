import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { convolutionModel } from '@lensgate/testing';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { childEnv } from '../src/child-env.js';
import { openSandbox } from '../src/sandbox/open-sandbox.js';

const sidePx = 64;

test('a child holds no pixels of pictures that are done', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-pictures-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const modelPath = join(folder, 'best.onnx');
  await writeFile(modelPath, convolutionModel({ sizePx: sidePx, layers: 1 }));
  const { command } = await openSandbox({
    mode: 'off',
    entry: new URL('./pictures-in-a-row.mjs', import.meta.url),
    modelFolders: [],
    searchPath: process.env.PATH ?? '',
    logger: pino({ level: 'silent' }),
  });
  const [program = '', ...words] = command;
  const { stdout } = await promisify(execFile)(program, [...words, String(sidePx), modelPath], {
    env: childEnv({ threads: 1, logLevel: 'info' }),
  });
  expect(Number(stdout)).toBeLessThan(0.5);
});
