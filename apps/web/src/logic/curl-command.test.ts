import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlCommand } from './curl-command.js';

/** The words that a shell passes to curl. */
const wordsOf = (command: string): string[] =>
  execFileSync('/bin/sh', ['-c', `curl() { printf '%s\\n' "$@"; }\n${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');

test('fields and the file are form parts', () => {
  const fields = [['training_job_id', '20'] as const, ['overlay', 'false'] as const];
  expect(wordsOf(curlCommand('http://localhost:8000/api', { fields, fileName: 'scene.png', hasKey: false }))).toEqual([
    'http://localhost:8000/api',
    '-F',
    'training_job_id=20',
    '-F',
    'overlay=false',
    '-F',
    'file=@scene.png',
  ]);
});

test.each([
  ['사진 1.png', 'file=@"사진 1.png"'],
  ["it's.png", `file=@"it's.png"`],
  ['a;b,c.png', 'file=@"a;b,c.png"'],
  ['$(id) `id`.png', 'file=@"$(id) `id`.png"'],
  ['say "hi".png', String.raw`file=@"say \"hi\".png"`],
])('a file called %s stays one word and means that file', (name, word) => {
  expect(wordsOf(curlCommand('http://localhost/', { fields: [], fileName: name, hasKey: false })).at(-1)).toBe(word);
});

test('a key is read from the environment, and never shown', () => {
  const command = curlCommand('http://localhost/', { fields: [], fileName: 'a.png', hasKey: true });
  expect(wordsOf(`LENSGATE_KEY='lg_mine'\n${command}`)).toContain('Authorization: Bearer lg_mine');
});
