import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { codePaths } from './code-paths.js';

/** Makes files by their paths; an object becomes JSON, and a text that begins with `->` a link. */
async function tree(files: Readonly<Record<string, object | string>>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'lensgate-code-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    if (typeof content === 'string' && content.startsWith('->')) await symlink(content.slice(2), file);
    else await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

const pathsOf = (root: string, entry: string) =>
  codePaths([pathToFileURL(join(root, entry))])
    .map((path) => relative(root, path))
    .filter((path) => !path.startsWith('..'));

test('a service of a repository needs what its workspaces publish, and none of the others', async () => {
  const root = await tree({
    '.env': 'SECRET=1',
    'package.json': {},
    'node_modules/lib/package.json': {},
    'node_modules/@us/kit': '->../../packages/kit',
    'node_modules/@us/other': '->../../packages/other',
    'apps/worker/package.json': { files: ['dist'], dependencies: { '@us/kit': '1', lib: '1', missing: '1' } },
    'apps/worker/dist/child.js': '',
    'packages/kit/package.json': { files: ['dist', 'assets', 'not-built'], dependencies: { '@us/kit': '1' } },
    'packages/kit/dist/index.js': '',
    'packages/kit/assets/font': '',
    'packages/kit/node_modules/lib/package.json': {},
    'packages/other/package.json': { files: ['dist'] },
  });
  expect(pathsOf(root, 'apps/worker/dist/child.js')).toEqual([
    'apps/worker/dist/child.js',
    'apps/worker/package.json',
    'apps/worker/dist',
    'node_modules',
    'packages/kit/package.json',
    'packages/kit/dist',
    'packages/kit/assets',
    'packages/kit/node_modules',
  ]);
});

test('a link to the service and a linked folder of modules are followed', async () => {
  const root = await tree({
    'release/app/package.json': { dependencies: { lib: '1' } },
    'release/app/main.js': '',
    'release/app/node_modules': '->../../store',
    'store/lib/package.json': {},
    current: '->release',
  });
  expect(pathsOf(root, 'current/app/main.js')).toEqual([
    'release/app/main.js',
    'release/app',
    'release/app/node_modules',
    'store',
  ]);
});
