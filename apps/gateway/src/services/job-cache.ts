import { LRUCache } from 'lru-cache';
import type { CheckpointRow, OwnedJob } from '../store/checkpoint-rows.js';
import type { Job } from '../store/job-store.js';

/** What an inference needs of the database. */
export interface JobLookups {
  job(id: number): Promise<Job | null>;
  chosen(job: OwnedJob): Promise<CheckpointRow | null>;
  byPath(job: OwnedJob, path: string): Promise<CheckpointRow | null>;
}

/**
 * The lookups, remembered for a short time: pictures of one job come in bursts. What a gateway changes itself it forgets
 * at once; what others change is seen when the time is over. Whether a caller may see the job is not decided here: the same
 * answer serves everybody. A checkpoint is looked up for a job and its owner, because another gateway may have deleted the
 * job meanwhile and another owner have taken its id.
 */
export interface JobCache extends JobLookups {
  forget(jobId: number): void;
}

const jobsMax = 1_000;
const pathsPerJobMax = 100;

export function createJobCache(lookups: JobLookups, { ageMsMax }: { ageMsMax: number }): JobCache {
  if (ageMsMax === 0) return { ...lookups, forget: () => undefined };
  const byJob = new LRUCache<number, LRUCache<string, Promise<object | null>>>({ max: jobsMax });

  // Promises are kept, so that those who ask at the same time share one query. Only what was found is remembered:
  // the next request after a job's creation must see it.
  const remember = <T extends object>(jobId: number, key: string, look: () => Promise<T | null>): Promise<T | null> => {
    const known =
      byJob.get(jobId) ?? new LRUCache<string, Promise<object | null>>({ max: pathsPerJobMax, ttl: ageMsMax });
    byJob.set(jobId, known);
    const running = known.get(key) as Promise<T | null> | undefined;
    if (running) return running;
    const started = look();
    known.set(key, started);
    const drop = () => {
      if (known.get(key) === started) known.delete(key);
    };
    started.then((found) => found ?? drop(), drop);
    return started;
  };

  return {
    job: (id) => remember(id, 'job', () => lookups.job(id)),
    chosen: (job) => remember(job.id, `chosen ${job.ownerId}`, () => lookups.chosen(job)),
    byPath: (job, path) => remember(job.id, `path ${job.ownerId} ${path}`, () => lookups.byPath(job, path)),
    forget: (jobId) => void byJob.delete(jobId),
  };
}
