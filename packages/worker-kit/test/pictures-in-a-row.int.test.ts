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

test('the pixels of pictures that are done do not pile up in a child', async () => {
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
  // The one that is decoded, the one before it, and what is small. V8 alone lets five and more pile up.
  expect(Number(stdout)).toBeLessThan(4);
});
