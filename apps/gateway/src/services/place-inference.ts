import { type Failure, fail, type QuickFields } from '@lensgate/contracts';
import type { CheckpointRow } from '../store/checkpoint-rows.js';
import type { Job } from '../store/job-store.js';
import { isVisible, type Viewer } from '../store/viewer.js';
import type { JobLookups } from './job-cache.js';

/** `checkpoint_path` that asks for the worker's own model instead of a checkpoint of the job. */
const pretrained = 'pretrained';

/** Which checkpoint of which job a request runs; without a checkpoint the worker's own model of the job's name. */
export interface Placement {
  readonly job: Job;
  readonly checkpoint: CheckpointRow | null;
  /** What the worker is told, and answers. */
  readonly checkpointPath: string | undefined;
}

/**
 * Finds the checkpoint: the one named, else the job's best, else its newest, else none.
 * @throws JOB_NOT_FOUND, CHECKPOINT_NOT_FOUND, CHECKPOINT_REFUSED
 */
export async function placeInference(
  lookups: JobLookups,
  { training_job_id: jobId, checkpoint_path: path }: Pick<QuickFields, 'training_job_id' | 'checkpoint_path'>,
  viewer: Viewer,
): Promise<Placement> {
  const job = await lookups.job(jobId);
  if (!job || !isVisible(job, viewer)) throw fail('JOB_NOT_FOUND', { job_id: jobId });
  if (path === pretrained) return { job, checkpoint: null, checkpointPath: pretrained };
  const checkpoint = path === undefined ? await lookups.chosen(job) : await lookups.byPath(job, path);
  if (path !== undefined && !checkpoint) throw fail('CHECKPOINT_NOT_FOUND', { job_id: jobId, checkpoint: path });
  if (checkpoint?.status === 'refused') throw refusalOf(checkpoint);
  return { job, checkpoint, checkpointPath: checkpoint?.path };
}

const refusedBefore = { en: 'It was refused when it was uploaded.', ko: '업로드할 때 거부되었습니다.' };

/** Why a checkpoint was refused, as it was said at its upload. */
export const refusalOf = ({ warnings }: CheckpointRow): Failure =>
  fail('CHECKPOINT_REFUSED', { reason: warnings[0] ?? refusedBefore });
