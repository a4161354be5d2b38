import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/**
 * Cores that the container's quota allows, from cgroup v2 `cpu.max` or cgroup v1 `cpu.cfs_quota_us`.
 * @returns undefined where there is no quota
 */
export function quotaCores(readFile: (path: string) => string | undefined = read): number | undefined {
  const v2 = readFile('/sys/fs/cgroup/cpu.max')?.split(/\s+/);
  const [quota, period] = v2 ?? [
    readFile('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
    readFile('/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
  ];
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

/**
 * Whole cores this process may use. ONNX Runtime sizes its thread pool by the host's cores, not by the container's
 * quota (microsoft/onnxruntime #29510), so this is counted here.
 */
export function availableCores(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(quotaCores() ?? Number.POSITIVE_INFINITY)));
}

/** Bytes of memory the container may use, from cgroup v2 or v1; undefined where there is no limit. */
export function memoryLimitBytes(readFile: (path: string) => string | undefined = read): number | undefined {
  const text = readFile('/sys/fs/cgroup/memory.max') ?? readFile('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const bytes = Number(text);
  // cgroup v1 says "no limit" as a number near 2^63.
  return Number.isFinite(bytes) && bytes > 0 && bytes < 2 ** 60 ? bytes : undefined;
}
