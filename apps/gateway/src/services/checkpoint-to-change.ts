import type { PrismaClient } from '@lensgate/prisma';
import { type CheckpointKey, type CheckpointRow, getCheckpoint } from '../store/checkpoint-rows.js';
import { getJobToChange, type Job } from '../store/job-store.js';
import type { Viewer } from '../store/viewer.js';
import { checkpointMissing } from './checkpoint-missing.js';

/**
 * A checkpoint and its job, for a caller who is about to change how it serves.
 * @throws JOB_NOT_FOUND, CHECKPOINT_NOT_FOUND; StoreError `JOB_READ_ONLY`
 */
export async function checkpointToChange(
  database: PrismaClient,
  key: CheckpointKey,
  viewer: Viewer,
): Promise<{ job: Job; row: CheckpointRow }> {
  const [job, row] = await Promise.all([
    getJobToChange(database, key.jobId, viewer),
    getCheckpoint(database, key, viewer),
  ]);
  if (!job || !row) throw await checkpointMissing(database, key, viewer);
  return { job, row };
}
