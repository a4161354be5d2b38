import { detailOf, type Failure, fail, inLanguage } from '@lensgate/contracts';
import type { GatewayParts } from '../gateway-parts.js';
import { type CheckpointRow, setInspection } from '../store/checkpoint-rows.js';
import type { Job } from '../store/job-store.js';
import type { Asker, CheckpointToSend } from '../workers/checkpoint-push.js';
import { failureFrom, problemIn } from '../workers/worker-http.js';
import { refusalOf } from './place-inference.js';
import { releaseBytes } from './release-bytes.js';
import { classNamesFor } from './wire.js';

export type Inspected =
  | { readonly kind: 'accepted'; readonly row: CheckpointRow }
  /** It can never be run: the row says why and has no bytes any more. */
  | { readonly kind: 'refused'; readonly row: CheckpointRow; readonly failure: Failure }
  /** The worker could not look into it now. */
  | { readonly kind: 'undecided'; readonly failure: Failure };

export function checkpointToSend(job: Job, row: CheckpointRow): CheckpointToSend {
  return {
    sha256: row.sha256,
    taskType: job.taskType,
    numClasses: job.numClasses,
    classNames: classNamesFor(job, row),
  };
}

interface Inspection {
  readonly job: Job;
  readonly row: CheckpointRow;
  readonly asker: Asker;
}

/**
 * Lets a worker of the job's framework look into a checkpoint and writes down what it found. Those who ask for the same
 * checkpoint at the same time share one inspection.
 * @throws WORKER_UNREACHABLE, WORKER_PROTOCOL, and as `whyMissing`
 */
export function inspectCheckpoint(parts: GatewayParts, inspection: Inspection): Promise<Inspected> {
  return parts.inspections.run(inspection.row.id, () => inspect(parts, inspection));
}

/**
 * The checkpoint as a worker has accepted it; looked into now where none has yet.
 * @throws CHECKPOINT_REFUSED, and what `inspectCheckpoint` throws or could not decide for
 */
export async function acceptedCheckpoint(parts: GatewayParts, inspection: Inspection): Promise<CheckpointRow> {
  const { row } = inspection;
  if (row.status === 'refused') throw refusalOf(row);
  if (row.status === 'accepted') return row;
  const inspected = await inspectCheckpoint(parts, inspection);
  if (inspected.kind !== 'accepted') throw inspected.failure;
  return inspected.row;
}

async function inspect(parts: GatewayParts, { job, row, asker }: Inspection): Promise<Inspected> {
  const { database, jobs, workers, logger } = parts;
  const key = { jobId: job.id, id: row.id };
  const answered = await workers.inspect(job.framework, checkpointToSend(job, row), {
    ...asker,
    jobId: job.id,
  });
  if (answered.kind === 'accepted') {
    // Pictures of the job go to it from now on, on whichever worker: none is to meet it cold.
    if (row.isBest) await warmEverywhere(parts, { job, row, asker });
    const { findings, warnings } = answered;
    const updated = await setInspection(database, key, { status: 'accepted', findings, warnings: [...warnings] });
    jobs.forget(job.id);
    return { kind: 'accepted', row: updated ?? { ...row, status: 'accepted', findings, warnings: [...warnings] } };
  }
  const problem = problemIn(answered.answer);
  if (!problem) throw fail('WORKER_PROTOCOL', { framework: job.framework ?? 'fallback' });
  const failure = failureFrom(problem, answered.answer.headers);
  // 424 says that the file is at fault; everything else may be different another time or elsewhere.
  if (problem.status !== 424) return { kind: 'undecided', failure };
  logger.info(
    { request_id: asker.requestId, job_id: job.id, sha256: row.sha256, code: problem.code },
    'checkpoint refused',
  );
  const updated = await setInspection(database, key, {
    status: 'refused',
    findings: null,
    warnings: [whyRefused(failure, asker)],
  });
  jobs.forget(job.id);
  await releaseBytes(parts, row.sha256);
  return { kind: 'refused', row: updated ?? row, failure };
}

/** The reason alone: whoever is told of it later gets the sentence around it in his own language. */
const whyRefused = ({ code, params }: Failure, { language }: Asker): string =>
  code === 'CHECKPOINT_REFUSED' ? String(inLanguage(params.reason ?? '', language)) : detailOf(code, params, language);

/** Loads it on every worker of the job's framework, as far as they can be reached in time. */
export async function warmEverywhere(
  { config, workers }: GatewayParts,
  { job, row, asker }: Inspection,
): Promise<void> {
  const timeoutMs = config.deadlineMs;
  await workers.warm(job.framework, checkpointToSend(job, row), {
    ...asker,
    jobId: job.id,
    timeoutMs,
    deadlineAtMs: performance.now() + timeoutMs,
    signal: AbortSignal.timeout(timeoutMs),
  });
}
