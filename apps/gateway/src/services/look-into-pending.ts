import { Failure } from '@lensgate/contracts';
import type { PrismaClient } from '@lensgate/prisma';
import type { Logger } from 'pino';
import { type CheckpointOfJob, listPending } from '../store/checkpoints-of-jobs.js';
import { isAway } from '../workers/worker-away.js';
import { type BackgroundLook, createBackgroundLook } from './background-look.js';
import type { Inspected } from './inspect-checkpoint.js';

export interface PendingOptions {
  readonly database: PrismaClient;
  readonly logger: Logger;
  readonly everyMs: number;
  readonly now: () => number;
  /** @throws Failure when no worker could look into it */
  readonly inspect: (pending: CheckpointOfJob) => Promise<Inspected>;
}

const perLookMax = 100;
const retryMs = 60_000;

/**
 * Has the workers look into checkpoints that were uploaded while none could: a job that is served by another one
 * meanwhile would never see them. One at a time, oldest first.
 */
export function createPendingLook({ database, logger, everyMs, now, inspect }: PendingOptions): BackgroundLook {
  const notBeforeMs = new Map<string, number>();

  const inspectOne = async (pending: CheckpointOfJob): Promise<void> => {
    const { row, job } = pending;
    const outcome = await inspect(pending).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      return { kind: 'undecided' as const, failure: error };
    });
    // That nobody is there is soon found out; to load one in vain costs a worker its time.
    if (outcome.kind !== 'undecided' || isAway(outcome.failure)) return;
    notBeforeMs.set(row.id, now() + retryMs);
    logger.info({ job_id: job.id, sha256: row.sha256, code: outcome.failure.code }, 'a checkpoint still waits');
  };

  return createBackgroundLook({
    everyMs,
    once: async () => {
      const pending = await listPending(database, { limit: perLookMax });
      const waiting = new Set(pending.map(({ row }) => row.id));
      for (const id of notBeforeMs.keys()) if (!waiting.has(id)) notBeforeMs.delete(id);
      for (const each of pending) if ((notBeforeMs.get(each.row.id) ?? 0) <= now()) await inspectOne(each);
    },
    onError: (error) => logger.debug({ err: error }, 'the waiting checkpoints could not be looked after'),
  });
}
