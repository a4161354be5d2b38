import { deadlinePhases, type Failure, problemOf, type ServingChange } from '@lensgate/contracts';
import { answerGraceMs, orGiveUp, patience } from '@lensgate/http-kit';
import type { GatewayParts } from '../gateway-parts.js';
import { type CheckpointKey, type CheckpointRow, patchCheckpoint } from '../store/checkpoint-rows.js';
import type { Job } from '../store/job-store.js';
import type { Viewer } from '../store/viewer.js';
import type { ControlCall, ReplicaResult } from '../workers/checkpoint-control.js';
import type { Asker } from '../workers/checkpoint-push.js';
import { checkpointToChange } from './checkpoint-to-change.js';
import { acceptedCheckpoint, checkpointToSend } from './inspect-checkpoint.js';
import { replicaState, unreachableReplica } from './serving.js';

export interface ServingCall {
  readonly key: CheckpointKey;
  readonly viewer: Viewer;
  readonly timeoutMs: number | undefined;
  readonly arrivedAtMs: number;
  readonly asker: Asker;
  readonly clientGone: AbortSignal;
}

/**
 * Loads a checkpoint on every worker of its job's framework; one that no worker has looked into yet is looked into
 * first.
 * @throws JOB_NOT_FOUND, CHECKPOINT_NOT_FOUND, StoreError `JOB_READ_ONLY`, the checkpoint's refusal; ClientGone; when it is warm nowhere, why
 */
export async function warmCheckpoint(parts: GatewayParts, call: ServingCall): Promise<ServingChange> {
  return within(parts, call, async (job, row, control) => {
    const { asker } = call;
    const accepted = await orGiveUp(acceptedCheckpoint(parts, { job, row, asker }), control.signal);
    return parts.workers.warm(job.framework, checkpointToSend(job, accepted), control);
  });
}

/**
 * Unloads a checkpoint on every worker of its job's framework, and takes its pin away: it would come back at once. One
 * that could be unloaded nowhere keeps its pin.
 * @throws JOB_NOT_FOUND, CHECKPOINT_NOT_FOUND, StoreError `JOB_READ_ONLY`; ClientGone; when it could be unloaded nowhere, why
 */
export async function unloadCheckpoint(parts: GatewayParts, call: ServingCall): Promise<ServingChange> {
  return within(parts, call, async (job, row, control) => {
    const { database } = parts;
    const pin = (pinned: boolean) =>
      orGiveUp(patchCheckpoint(database, call.key, { pinned }, call.viewer), control.signal);
    if (row.pinned) await pin(false);
    const results = await parts.workers.unload(job.framework, checkpointToSend(job, row), control);
    if (row.pinned && !results.some(({ failure }) => failure === null)) await pin(true);
    return results;
  });
}

async function within(
  { config, database }: GatewayParts,
  { key, viewer, arrivedAtMs, asker, clientGone, ...call }: ServingCall,
  work: (job: Job, row: CheckpointRow, control: ControlCall) => Promise<ReplicaResult[]>,
): Promise<ServingChange> {
  const timeoutMs = Math.min(call.timeoutMs ?? config.deadlineMs, config.deadlineMs);
  const deadlineAtMs = arrivedAtMs + timeoutMs;
  const waitMs = deadlineAtMs - performance.now() + answerGraceMs;
  const waiting = patience({ clientGone, waitMs, timeoutMs, phase: deadlinePhases.unanswered });
  const { signal } = waiting;
  try {
    const { job, row } = await orGiveUp(checkpointToChange(database, key, viewer), signal);
    const context = { ...asker, jobId: job.id };
    const results = await work(job, row, { ...context, timeoutMs, deadlineAtMs, signal });
    const failures = results.flatMap(({ failure }) => failure ?? []);
    const [first] = failures.sort((a, b) => silence(a) - silence(b));
    if (first && failures.length === results.length) throw first;
    return { checkpoint_id: row.id, sha256: row.sha256, replicas: results.map((each) => outcomeOf(each, asker)) };
  } finally {
    waiting.end();
  }
}

/** What a worker says tells more than that another one says nothing. */
const silence = ({ code }: Failure): number => Number(code === 'WORKER_UNREACHABLE');

const outcomeOf = ({ url, entry, failure }: ReplicaResult, asker: Asker): ServingChange['replicas'][number] => ({
  ...(entry === undefined ? unreachableReplica(url, failure?.message ?? null) : replicaState(url, entry)),
  problem: failure && problemOf(failure, asker.requestId, asker.language),
});
