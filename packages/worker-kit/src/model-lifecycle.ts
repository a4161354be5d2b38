import type { CheckpointFindings, Failure } from '@lensgate/contracts';

/** What a worker knows of a checkpoint that it holds. */
export type ModelState =
  | { readonly state: 'stored' }
  | { readonly state: 'loading'; readonly failuresBefore: number }
  | { readonly state: 'ready'; readonly findings: CheckpointFindings; readonly warnings: readonly string[] }
  /** Not a model this worker can run: looking again would give the same answer. */
  | { readonly state: 'refused'; readonly failure: Failure }
  /** Its children ended while they loaded it; not tried again before a time. */
  | { readonly state: 'failing'; readonly failures: number; readonly retryAtMs: number };

export type ModelEvent =
  | { readonly type: 'load' }
  | { readonly type: 'loaded'; readonly findings: CheckpointFindings; readonly warnings: readonly string[] }
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'load-crashed'; readonly nowMs: number }
  | { readonly type: 'stored' };

const backOffMsMin = 500;
const backOffMsMax = 60_000;

/**
 * The next state.
 * @throws Error for a move that makes no sense, which is a defect of ours
 */
export function nextModelState(current: ModelState, event: ModelEvent): ModelState {
  switch (event.type) {
    case 'stored':
      return { state: 'stored' };
    case 'load':
      if (current.state === 'refused') throw new Error('a refused checkpoint is not loaded again');
      return { state: 'loading', failuresBefore: current.state === 'failing' ? current.failures : 0 };
    case 'loaded':
      return { state: 'ready', findings: event.findings, warnings: event.warnings };
    case 'refused':
      return { state: 'refused', failure: event.failure };
    case 'load-crashed': {
      const failures = (current.state === 'loading' ? current.failuresBefore : 0) + 1;
      return {
        state: 'failing',
        failures,
        retryAtMs: event.nowMs + Math.min(backOffMsMax, backOffMsMin * 2 ** failures),
      };
    }
  }
}
