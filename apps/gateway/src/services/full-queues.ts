import { type Failure, fail } from '@lensgate/contracts';
import { LRUCache } from 'lru-cache';
import { problemIn, type WorkerAnswer } from '../workers/worker-http.js';

/** What a request runs, as its client names it; not yet checked. */
export interface NamedWork {
  readonly training_job_id?: unknown;
  readonly checkpoint_path?: unknown;
}

/**
 * Remembers whose queue is full, for as long as the worker has said that it has enough to do: in a rush, most requests
 * are then refused before their pictures are read. Of several replicas the one with the least to do was asked, so what
 * it says of itself holds for all.
 */
export interface FullQueues {
  /** @returns why a request is refused; undefined when a worker is to be asked */
  refusal(work: NamedWork): Failure | undefined;
  /** Takes note of a worker's answer to such a request. */
  note(work: NamedWork, answer: WorkerAnswer): void;
}

const jobsMax = 1_000;
/** Whatever a worker says. */
const fullForMsMax = 1_000;

const keyOf = ({ training_job_id: jobId, checkpoint_path: path }: NamedWork): string => `${jobId} ${path ?? ''}`;

export function createFullQueues(now: () => number): FullQueues {
  const refusals = new LRUCache<string, { refusal: Failure; untilMs: number }>({ max: jobsMax });
  return {
    refusal(work) {
      const known = refusals.get(keyOf(work));
      return known && now() < known.untilMs ? known.refusal : undefined;
    },
    note(work, answer) {
      const fullForMs = Math.min(fullForMsMax, Number(answer.headers['x-full-for-ms'] ?? 0));
      const problem = fullForMs > 0 ? problemIn(answer) : undefined;
      if (problem?.code !== 'QUEUE_FULL') return;
      const { waiting = 0, retry_after_s: retryAfterS = 1 } = problem.params ?? {};
      const refusal = fail('QUEUE_FULL', { waiting, retry_after_s: retryAfterS }, { retryAfterS: Number(retryAfterS) });
      refusals.set(keyOf(work), { refusal, untilMs: now() + fullForMs });
    },
  };
}
