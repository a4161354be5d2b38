import { type Failure, type Language, languages } from '@lensgate/contracts';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import type { Replica } from './replicas.js';
import {
  problemIn,
  type WorkerAnswer,
  WorkerConnectionError,
  type WorkerHttp,
  WorkerProtocolError,
} from './worker-http.js';

/** What a worker is told of a checkpoint when it gets its bytes. */
export interface CheckpointToSend {
  readonly sha256: string;
  readonly taskType: string;
  readonly numClasses: number;
  readonly classNames: readonly string[] | null;
}

/** For whom a worker is asked. */
export interface Asker {
  readonly requestId: string;
  /** In which the worker is to say what it finds. */
  readonly language: Language;
}

/** Work that no caller waits for. */
export const unasked = (requestId: string): Asker => ({ requestId, language: languages[0] });

export interface PushContext extends Asker {
  readonly jobId: number;
}

/** What to answer for a checkpoint of a job whose bytes the store does not have. */
export type WhyMissing = (checkpoint: { readonly jobId: number; readonly sha256: string }) => Promise<Failure>;

/**
 * Sends a checkpoint's bytes to one replica; all who need them there wait for one upload.
 * @throws what `whyMissing` says when the store has no such bytes, WorkerConnectionError, WorkerProtocolError
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
  whyMissing: WhyMissing;
}): CheckpointPush {
  const { http, store, pushTimeoutMs, whyMissing } = options;
  const running = new Map<string, Promise<WorkerAnswer | undefined>>();

  /** @returns undefined when the store has no such bytes */
  const send = async (replica: Replica, checkpoint: CheckpointToSend, { requestId, language }: PushContext) => {
    const found = await store.read(checkpoint.sha256);
    if (!found) return undefined;
    try {
      return await http.call(replica, {
        method: 'PUT',
        path: pushPath(checkpoint),
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(found.bytes),
          'x-request-id': requestId,
          'accept-language': language,
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

  return async (replica, checkpoint, context) => {
    const key = `${replica.origin}${replica.basePath} ${pushPath(checkpoint)}`;
    const sending = running.get(key) ?? send(replica, checkpoint, context).finally(() => running.delete(key));
    running.set(key, sending);
    const answer = await sending;
    // The same bytes may be those of several jobs: each is told of its own.
    if (!answer) throw await whyMissing({ jobId: context.jobId, sha256: checkpoint.sha256 });
    return answer;
  };
}

/** Somebody may delete the same bytes just after they were sent. */
const sendsMax = 3;

/**
 * Asks a worker what needs a checkpoint's bytes; one that lacks them is sent them, and asked again.
 * @returns its answer, or the one to the bytes when it did not take them
 * @throws what `ask` and `send` do, WorkerProtocolError when it keeps asking for bytes that it has taken
 */
export async function sendWhenNeeded({
  ask,
  send,
}: {
  ask: () => Promise<WorkerAnswer>;
  send: () => Promise<WorkerAnswer>;
}): Promise<{ answer: WorkerAnswer; isAnswerToBytes: boolean }> {
  for (let sends = 0; ; sends += 1) {
    const answer = await ask();
    if (answer.status !== 409 || problemIn(answer)?.code !== 'CHECKPOINT_NEEDED')
      return { answer, isAnswerToBytes: false };
    if (sends === sendsMax) throw new WorkerProtocolError('it asks for a checkpoint that it has taken');
    const sent = await send();
    if (sent.status !== 200) return { answer: sent, isAnswerToBytes: true };
  }
}

function pushPath({ sha256, taskType, numClasses, classNames }: CheckpointToSend): string {
  const query = new URLSearchParams({ task_type: taskType, num_classes: String(numClasses) });
  const names = new URLSearchParams(classNames ? { class_names: JSON.stringify(classNames) } : {}).toString();
  const more = names !== '' && names.length <= classNamesQueryMax ? `&${names}` : '';
  return `/checkpoints/${sha256}?${query}${more}`;
}

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';
