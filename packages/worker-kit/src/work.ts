import type { ChildResult, ChildTimings, InferenceOptions, JobHints, PictureField } from '@lensgate/contracts';
import type { Home, LoadedFacts, StoredModel } from './child-pool.js';

/** One picture for one checkpoint. From `submit` until the promise settles the scheduler owns it. */
export interface InferenceRequest {
  readonly requestId: string;
  readonly model: StoredModel;
  readonly image: Uint8Array;
  readonly hints: JobHints;
  readonly options: InferenceOptions;
  readonly arrivedAtMs: number;
  /** When the caller's own request came to the first hop; earlier than `arrivedAtMs` behind a gateway. */
  readonly cameAtMs: number;
  /** When the caller gives up. */
  readonly deadlineAtMs: number;
  /** When the work is ended whatever a new home costs. */
  readonly hardDeadlineAtMs: number;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
}

export interface InferenceOutcome {
  readonly result: ChildResult;
  readonly pictures: readonly { readonly field: PictureField; readonly bytes: Uint8Array }[];
  readonly timings: ChildTimings;
  readonly queueMs: number;
  /** Whether the checkpoint was loaded before the request came. */
  readonly warm: boolean;
  readonly facts: LoadedFacts;
}

export interface Work {
  readonly sha256: string;
  readonly imageBytes: number;
  readonly request: InferenceRequest;
  readonly warm: boolean;
  readonly resolve: (outcome: InferenceOutcome) => void;
  readonly reject: (error: Error) => void;
  phase: { state: 'waiting' } | { state: 'running'; home: Home; startedAtMs: number } | { state: 'ended' };
  /** Whether the caller has its answer; the work may still run. */
  isAnswered: boolean;
  deadlineTimer: NodeJS.Timeout | undefined;
  killTimer: NodeJS.Timeout | undefined;
  onAbort: () => void;
}
