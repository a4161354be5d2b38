import { fail } from '@lensgate/contracts';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import type { Replica } from './replicas.js';
import { type WorkerAnswer, WorkerConnectionError, type WorkerHttp } from './worker-http.js';

/** What a worker is told of a checkpoint when it gets its bytes. */
export interface CheckpointToSend {
  readonly sha256: string;
  readonly taskType: string;
  readonly numClasses: number;
  readonly classNames: readonly string[] | null;
}

export interface PushContext {
  readonly requestId: string;
  /** For words when the bytes are gone. */
  readonly jobId: number;
  readonly modelName: string;
}

/**
 * Sends a checkpoint's bytes to one replica; all who need them there wait for one upload.
 * @throws CHECKPOINT_MISSING when the store has no such bytes, WorkerConnectionError, WorkerProtocolError
 */
export type CheckpointPush = (
  replica: Replica,
  checkpoint: CheckpointToSend,
  context: PushContext,
) => Promise<WorkerAnswer>;

/** Headers have a limit of 16 KiB; longer lists of names stay at home, the graph is the truth anyway. */
const classNamesQueryMax = 4_096;

export function createCheckpointPush(options: {
  http: WorkerHttp;
  store: CheckpointStore;
  pushTimeoutMs: number;
}): CheckpointPush {
  const { http, store, pushTimeoutMs } = options;
  const running = new Map<string, Promise<WorkerAnswer>>();

  const send: CheckpointPush = async (replica, checkpoint, context) => {
    const found = await store.read(checkpoint.sha256);
    if (!found) throw fail('CHECKPOINT_MISSING', { job_id: context.jobId, model: context.modelName });
    try {
      return await http.call(replica, {
        method: 'PUT',
        path: pushPath(checkpoint),
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(found.bytes),
          'x-request-id': context.requestId,
        },
        body: found.stream,
        signal: AbortSignal.timeout(pushTimeoutMs),
      });
    } catch (error) {
      if (isTimeout(error)) throw new WorkerConnectionError('sending the checkpoint took too long', { cause: error });
      throw error;
    } finally {
      found.stream.destroy();
    }
  };

  return (replica, checkpoint, context) => {
    const key = `${replica.origin}${replica.basePath} ${pushPath(checkpoint)}`;
    const known = running.get(key);
    if (known) return known;
    const started = send(replica, checkpoint, context).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}

function pushPath({ sha256, taskType, numClasses, classNames }: CheckpointToSend): string {
  const query = new URLSearchParams({ task_type: taskType, num_classes: String(numClasses) });
  const names = new URLSearchParams(classNames ? { class_names: JSON.stringify(classNames) } : {}).toString();
  const more = names !== '' && names.length <= classNamesQueryMax ? `&${names}` : '';
  return `/checkpoints/${sha256}?${query}${more}`;
}

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';
