import { type Failure, fail } from '@lensgate/contracts';
import { LRUCache } from 'lru-cache';
import { ownerIdFor, type Viewer } from '../store/viewer.js';
import { problemIn, type WorkerAnswer } from '../workers/worker-http.js';

/** What a request runs, as its client names it; not yet checked. */
export interface NamedWork {
  readonly training_job_id?: unknown;
  readonly checkpoint_path?: unknown;
}

/** Work, and who asks for it: what one owner hears of a job says nothing to another, who may not even know of it. */
export interface AskedWork {
  readonly work: NamedWork;
  readonly viewer: Viewer;
}

/**
 * Remembers whose queue is full, for as long as the worker has said that it has enough to do: in a rush, most requests
 * are then refused before their pictures are read. Of several replicas the one with the least to do was asked, so what
 * it says of itself holds for all. While this gateway waits for no answer of the kind itself, a worker is asked anyway:
 * those who filled the queue may have left.
 */
export interface FullQueues {
  /** @returns why a request is refused; undefined when a worker is to be asked */
  refusal(asked: AskedWork): Failure | undefined;
  /** A worker is asked. @returns a function for when it has answered, or nobody waits for it any more */
  enter(asked: AskedWork): () => void;
  /** Takes note of a worker's answer to such a request. */
  note(asked: AskedWork, answer: WorkerAnswer): void;
}

const jobsMax = 1_000;
/** Whatever a worker says. */
const fullForMsMax = 1_000;

const keyOf = ({ work: { training_job_id: jobId, checkpoint_path: path }, viewer }: AskedWork): string =>
  JSON.stringify([ownerIdFor(viewer), `${jobId}`, path ?? '']);

export function createFullQueues(now: () => number): FullQueues {
  const refusals = new LRUCache<string, { refusal: Failure; untilMs: number }>({ max: jobsMax });
  const waiting = new Map<string, number>();
  return {
    refusal(asked) {
      const key = keyOf(asked);
      const known = refusals.get(key);
      return known && waiting.has(key) && now() < known.untilMs ? known.refusal : undefined;
    },
    enter(asked) {
      const key = keyOf(asked);
      waiting.set(key, (waiting.get(key) ?? 0) + 1);
      return () => {
        const left = (waiting.get(key) ?? 1) - 1;
        if (left > 0) waiting.set(key, left);
        else waiting.delete(key);
      };
    },
    note(asked, answer) {
      const fullForMs = Math.min(fullForMsMax, Number(answer.headers['x-full-for-ms'] ?? 0));
      const problem = fullForMs > 0 ? problemIn(answer) : undefined;
      if (problem?.code !== 'QUEUE_FULL') return;
      const { waiting: inQueue = 0, retry_after_s: retryAfterS = 1 } = problem.params ?? {};
      const params = { waiting: inQueue, retry_after_s: retryAfterS };
      const refusal = fail('QUEUE_FULL', params, { retryAfterS: Number(retryAfterS) });
      refusals.set(keyOf(asked), { refusal, untilMs: now() + fullForMs });
    },
  };
}
