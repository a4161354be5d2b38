import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, fail, ModelEntry } from '@lensgate/contracts';
import { orGiveUp } from '@lensgate/http-kit';
import type { Logger } from 'pino';
import { type CheckpointPush, type CheckpointToSend, type PushContext, sendWhenNeeded } from './checkpoint-push.js';
import type { Replica, Replicas } from './replicas.js';
import { groupFor, type WorkerServices } from './worker-groups.js';
import {
  failureFrom,
  parseJson,
  problemIn,
  type WorkerAnswer,
  WorkerConnectionError,
  type WorkerHttp,
  WorkerProtocolError,
  wasDropped,
} from './worker-http.js';
import type { WorkerSurvey } from './worker-survey.js';

export interface ControlCall extends PushContext {
  readonly timeoutMs: number;
  /** Monotonic clock. */
  readonly deadlineAtMs: number;
  /** Fires when nobody waits any more; a Failure as its reason is each replica's answer, anything else is thrown. */
  readonly signal: AbortSignal;
}

/** How a checkpoint stands on one replica after what was asked of it. */
export interface ReplicaResult {
  readonly url: string;
  /** What the worker says of it: null when it does not hold it, undefined when it says nothing. */
  readonly entry: ModelEntry | null | undefined;
  /** Why it was not done. */
  readonly failure: Failure | null;
}

/** Loads, unloads and pins of a checkpoint, on every replica of a framework. */
export interface CheckpointControl {
  /** Loads it everywhere; replicas that lack the bytes get them. */
  warm(framework: string | null, checkpoint: CheckpointToSend, call: ControlCall): Promise<ReplicaResult[]>;
  /** Ends its processes everywhere; settles when the last picture in them is done. */
  unload(framework: string | null, checkpoint: CheckpointToSend, call: ControlCall): Promise<ReplicaResult[]>;
  /** Asks one replica to keep it loaded, which it does in the background. @returns undefined when it cannot be reached */
  pin(replica: Replica, sha256: string): Promise<WorkerAnswer | undefined>;
  unpin(replica: Replica, sha256: string): Promise<WorkerAnswer | undefined>;
  push: CheckpointPush;
}

/** Before a second try on a new connection. */
const repeatPauseMs = 50;

export function createCheckpointControl(options: {
  http: WorkerHttp;
  replicas: Replicas;
  services: WorkerServices;
  push: CheckpointPush;
  survey: WorkerSurvey;
  logger: Logger;
  now: () => number;
}): CheckpointControl {
  const { http, replicas, services, push, survey, logger, now } = options;

  const post = (replica: Replica, path: string, { requestId, language, deadlineAtMs, signal }: ControlCall) => {
    const once = () =>
      http.call(replica, {
        method: 'POST',
        path,
        headers: {
          'x-request-id': requestId,
          'accept-language': language,
          'x-deadline-ms': String(Math.max(1, Math.floor(deadlineAtMs - now()))),
        },
        signal,
      });
    return once().catch(async (error: unknown) => {
      if (!wasDropped(error)) throw error;
      await sleep(repeatPauseMs);
      return once();
    });
  };

  /** One replica's answer, or its failure: what one cannot do must not hide what others have done. */
  const resultOf = async (
    group: string,
    replica: Replica,
    { signal }: ControlCall,
    work: () => Promise<ModelEntry | null>,
  ): Promise<Pick<ReplicaResult, 'entry' | 'failure'>> => {
    try {
      return { entry: await work(), failure: null };
    } catch (error) {
      if (signal.aborted && !(signal.reason instanceof Failure)) throw signal.reason;
      if (error instanceof Failure) return { entry: undefined, failure: error };
      const isProtocol = error instanceof WorkerProtocolError;
      if (!isProtocol && !(error instanceof WorkerConnectionError)) throw error;
      logger.warn({ worker: replica.url, reason: error.message }, 'a worker does not answer');
      const failure = isProtocol
        ? fail('WORKER_PROTOCOL', { framework: group })
        : fail('WORKER_UNREACHABLE', { framework: group }, { retryAfterS: 1 });
      return { entry: undefined, failure };
    }
  };

  const onEach = async (
    framework: string | null,
    { sha256 }: CheckpointToSend,
    call: ControlCall,
    work: (replica: Replica) => Promise<ModelEntry | null>,
  ): Promise<ReplicaResult[]> => {
    const { name, urls } = groupFor(framework, services);
    return Promise.all(
      (await replicas.of(urls)).map(async (replica) => {
        const result = await resultOf(name, replica, call, () => work(replica));
        const isSilent = call.signal.aborted || result.failure?.code === 'WORKER_UNREACHABLE';
        const entry = result.failure && !isSilent ? await entryOn(replica, sha256) : result.entry;
        return { url: replica.url, failure: result.failure, entry };
      }),
    );
  };

  const entryOn = async (replica: Replica, sha256: string): Promise<ModelEntry | null | undefined> => {
    const answer = await survey.ask(replica, 'GET', `/checkpoints/${sha256}`);
    if (answer?.status === 404) return null;
    return answer?.status === 200 ? ModelEntry.safeParse(parseJson(answer.body)).data : undefined;
  };

  return {
    warm: (framework, checkpoint, call) =>
      onEach(framework, checkpoint, call, async (replica) => {
        const path = `/checkpoints/${checkpoint.sha256}/warm`;
        const { answer } = await sendWhenNeeded({
          ask: () => post(replica, path, call),
          send: async () => {
            const pushed = await orGiveUp(push(replica, checkpoint, call), call.signal);
            if (pushed.status !== 200 || now() < call.deadlineAtMs) return pushed;
            const phase = 'while the checkpoint was sent';
            throw fail('DEADLINE_EXCEEDED', { timeout_ms: Math.round(call.timeoutMs), phase });
          },
        });
        return entryIn(answer);
      }),
    unload: (framework, checkpoint, call) =>
      onEach(framework, checkpoint, call, async (replica) => {
        const answer = await post(replica, `/checkpoints/${checkpoint.sha256}/unload`, call);
        // What a worker does not hold is not loaded either.
        return problemIn(answer)?.code === 'MODEL_NOT_FOUND' ? null : entryIn(answer);
      }),
    pin: (replica, sha256) => survey.ask(replica, 'PUT', `/checkpoints/${sha256}/pin`),
    unpin: (replica, sha256) => survey.ask(replica, 'DELETE', `/checkpoints/${sha256}/pin`),
    push,
  };
}

/** @throws the problem that the answer carries, WorkerProtocolError for what is neither */
function entryIn(answer: WorkerAnswer): ModelEntry {
  const problem = problemIn(answer);
  if (problem) throw failureFrom(problem, answer.headers);
  const entry = ModelEntry.safeParse(parseJson(answer.body));
  if (!entry.success) throw new WorkerProtocolError(`status ${answer.status} without what is known of the checkpoint`);
  return entry.data;
}
