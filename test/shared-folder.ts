import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For each run of vitest, whichever its files: a folder that they share, removed when the last has ended. */
export default async function sharedFolder(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-run-'));
  process.env.TEST_SHARED_FOLDER = folder;
  return () => rm(folder, { recursive: true, force: true });
}
