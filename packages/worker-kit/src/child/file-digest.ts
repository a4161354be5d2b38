import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { fail } from '@lensgate/contracts/plain';

const chunkBytes = 1 << 20;

/**
 * Compares a file with its digest: disks rot, and a checkpoint with one bit wrong may load and answer something.
 * @throws Failure DIGEST_MISMATCH, also for a file that cannot be read
 */
export function verifyDigest(path: string, sha256: string): void {
  const actual = digestOf(path);
  if (actual !== sha256) throw fail('DIGEST_MISMATCH', { actual: actual ?? 'of nothing', expected: sha256 });
}

function digestOf(path: string): string | undefined {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (;;) {
      const bytes = readSync(file, chunk);
      if (bytes === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytes));
    }
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
