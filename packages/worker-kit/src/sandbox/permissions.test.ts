import { describe, expect, test } from 'vitest';
import { heapFlags, outermost, permissionFlags } from './permissions.js';

const node20 = new Set(['--experimental-permission', '--allow-addons']);
const node24 = new Set(['--permission', '--allow-addons']);

describe('permissionFlags', () => {
  test('take the name that this Node has for its model', () => {
    expect(permissionFlags(['/a'], node20)?.[0]).toBe('--experimental-permission');
    expect(permissionFlags(['/a'], node24)?.[0]).toBe('--permission');
  });

  test('let these places be read, and nothing be written or started', () => {
    const flags = permissionFlags(['/a', '/b c'], node24) ?? [];
    expect(flags.filter((flag) => flag.startsWith('--allow-'))).toEqual([
      '--allow-addons',
      '--allow-worker',
      '--allow-fs-read=/a',
      '--allow-fs-read=/b c',
    ]);
  });

  test('are none where native addons could not be loaded', () => {
    expect(permissionFlags(['/a'], new Set(['--experimental-permission']))).toBeUndefined();
    expect(permissionFlags(['/a'], new Set(['--allow-addons']))).toBeUndefined();
  });
});

test('outermost leaves out what lies in another place, and nothing that only begins alike', () => {
  expect(outermost(['/a/b/c.js', '/a/b', '/a/bc', '/d', '/a/b', '/d/e/f'])).toEqual(['/a/b', '/a/bc', '/d']);
});

test('heapFlags pass sizes of the heap on, and nothing else', () => {
  const flags = [
    '--max-old-space-size=512',
    '--max_semi_space_size=64',
    '--inspect=0',
    '--require',
    '/x.js',
    '--allow-fs-write=*',
  ];
  expect(heapFlags(flags)).toEqual(['--max-old-space-size=512', '--max_semi_space_size=64']);
});
