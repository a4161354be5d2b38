import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '@lensgate/prisma';
import { waitFor } from './wait-for.js';

/**
 * Names a folder that one run of all tests shares and removes at its end (`test/shared-folder.ts`). To make a new cluster
 * takes PGlite several times as long as to start with one, so the first test that needs one makes it for all.
 */
const sharedFolder = process.env.TEST_SHARED_FOLDER;

/** As `startEmbeddedPostgres` with a folder that does not exist yet, only faster where another test has done the same. */
export async function startEmptyPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  await copyEmptyCluster(options.dataDir);
  return startEmbeddedPostgres(options);
}

/** Puts a cluster without any table there, where the tests of this run share one. */
export async function copyEmptyCluster(dataDir: string): Promise<void> {
  if (sharedFolder === undefined) return;
  // A thousand small files, for which Node's own copy takes several times as long.
  await promisify(execFile)('cp', ['-r', await emptyCluster(sharedFolder), dataDir]);
}

async function emptyCluster(folder: string): Promise<string> {
  const made = join(folder, 'cluster');
  const draft = join(folder, 'draft');
  const isFirst = await mkdir(draft).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    try {
      const dataDir = join(draft, 'data');
      await (await startEmbeddedPostgres({ dataDir, socketDir: draft })).stop();
      await rename(dataDir, made);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
  } else {
    await waitFor(async () => existsSync(made), { what: 'the cluster that another test makes', waitMsMax: 120_000 });
  }
  return made;
}
