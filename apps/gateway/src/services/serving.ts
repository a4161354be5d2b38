import type { ModelEntry, ReplicaState } from '@lensgate/contracts';
import type { Holding } from '../workers/worker-survey.js';

const nothingHeld = {
  warm: false,
  children: 0,
  memory_bytes: null,
  load_ms: null,
  requests: 0,
  last_used_at: null,
  pinned: false,
} satisfies Partial<ReplicaState>;

/** How a checkpoint stands on one worker, from its entry there: null when the worker does not hold it. */
export function replicaState(worker: string, entry: ModelEntry | null): ReplicaState {
  if (!entry) return { worker, state: 'absent', reason: null, ...nothingHeld };
  const { state, reason, children, memory_bytes, load_ms, requests, last_used_at, pinned } = entry;
  return {
    worker,
    state,
    warm: state === 'ready',
    reason,
    children,
    memory_bytes,
    load_ms,
    requests,
    last_used_at,
    pinned,
  };
}

/** A worker that says nothing. */
export const unreachableReplica = (worker: string, reason: string | null): ReplicaState => ({
  worker,
  state: 'unreachable',
  reason,
  ...nothingHeld,
});

/** How a checkpoint stands on each worker that was asked. */
export const servingOf = (sha256: string, holdings: readonly Holding[]): ReplicaState[] =>
  holdings.map(({ replica: { url }, models, reason }) =>
    models
      ? replicaState(url, models.models.find((entry) => entry.sha256 === sha256) ?? null)
      : unreachableReplica(url, reason),
  );
