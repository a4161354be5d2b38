import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { availableCores, memoryLimitBytes, quotaCores } from './cores.js';

const files = (contents: Record<string, string>) => (path: string) => contents[path];
const v2Cpu = '/sys/fs/cgroup/cpu.max';
const v2Memory = '/sys/fs/cgroup/memory.max';
const v1Memory = '/sys/fs/cgroup/memory/memory.limit_in_bytes';

describe('cores of a container', () => {
  test('are its quota by its period, in cgroup v2 and in v1', () => {
    expect(quotaCores(files({ [v2Cpu]: '150000 100000' }))).toBe(1.5);
    const v1 = { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '400000', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000' };
    expect(quotaCores(files(v1))).toBe(4);
  });

  test('are unknown without a quota', () => {
    expect(quotaCores(files({ [v2Cpu]: 'max 100000' }))).toBeUndefined();
    expect(quotaCores(files({ '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1' }))).toBeUndefined();
    expect(quotaCores(files({}))).toBeUndefined();
  });

  test('are whole and at least one here', () => {
    expect(availableCores()).toBeGreaterThanOrEqual(1);
    expect(availableCores()).toBeLessThanOrEqual(availableParallelism());
    expect(Number.isInteger(availableCores())).toBe(true);
  });
});

describe('memory of a container', () => {
  test('is its limit in bytes', () => {
    expect(memoryLimitBytes(files({ [v2Memory]: '536870912' }))).toBe(536_870_912);
    expect(memoryLimitBytes(files({ [v1Memory]: '1024' }))).toBe(1_024);
  });

  test('is unknown where there is no limit', () => {
    expect(memoryLimitBytes(files({ [v2Memory]: 'max' }))).toBeUndefined();
    expect(memoryLimitBytes(files({ [v1Memory]: '9223372036854771712' }))).toBeUndefined();
    expect(memoryLimitBytes(files({}))).toBeUndefined();
  });
});
