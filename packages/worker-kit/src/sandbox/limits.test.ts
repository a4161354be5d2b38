import { describe, expect, test } from 'vitest';
import { childLimits, countsPerNamespace, limitArguments } from './limits.js';

const current = `Limit                     Soft Limit           Hard Limit           Units
Max file size             unlimited            unlimited            bytes
Max core file size        0                    0                    bytes
Max processes             96365                96365                processes
Max open files            256                  300                  files
Max msgqueue size         819200               819200               bytes
`;

describe('the limits of a child', () => {
  test('let it write no byte, and never limit addresses', () => {
    const limits = childLimits({ cores: 2, ownProcesses: true });
    expect(limits).toMatchObject({ core: 1, fsize: 0, msgqueue: 0 });
    expect(Object.keys(limits).sort()).toEqual(['core', 'fsize', 'msgqueue', 'nofile', 'nproc']);
  });

  test('count processes only where a child has a count of its own, and grow with the cores', () => {
    expect(childLimits({ cores: 2, ownProcesses: false })).not.toHaveProperty('nproc');
    const on = (cores: number) => childLimits({ cores, ownProcesses: true }).nproc ?? 0;
    expect(on(64)).toBeGreaterThan(on(2) + 62);
  });
});

describe('limitArguments', () => {
  test('never ask for more than the hard limit, which only the privileged could raise', () => {
    expect(limitArguments({ core: 1, fsize: 0, nofile: 512, nproc: 160 }, current)).toEqual([
      '--core=0',
      '--fsize=0',
      '--nofile=300',
      '--nproc=160',
    ]);
  });

  test('ask for what is wanted where nothing is known', () => {
    expect(limitArguments({ core: 1, nofile: 512 }, '')).toEqual(['--core=1', '--nofile=512']);
  });
});

test.each([
  ['5.14.0', true],
  ['6.1.0-13-amd64', true],
  ['5.13.19-2', false],
  ['4.18.0-553.el8', false],
  ['', false],
])('a kernel %s counts the processes of a namespace by themselves: %s', (release, isSo) => {
  expect(countsPerNamespace(release)).toBe(isSo);
});
