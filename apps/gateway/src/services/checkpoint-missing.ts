import { type Failure, fail } from '@lensgate/contracts';
import type { PrismaClient } from '@lensgate/prisma';
import type { CheckpointKey } from '../store/checkpoint-rows.js';
import { getJob } from '../store/job-store.js';
import type { Viewer } from '../store/viewer.js';

/** Which of the two is not there: the checkpoint, or the job already. */
export async function checkpointMissing(
  database: PrismaClient,
  { jobId, id }: CheckpointKey,
  viewer: Viewer,
): Promise<Failure> {
  const job = await getJob(database, jobId, viewer);
  return job
    ? fail('CHECKPOINT_NOT_FOUND', { job_id: jobId, checkpoint: id })
    : fail('JOB_NOT_FOUND', { job_id: jobId });
}
