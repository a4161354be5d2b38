import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckpointFindings, fail, frameworks, StoredCheckpoint, WorkerReady } from '@lensgate/contracts';
import { orGiveUp } from '@lensgate/http-kit';
import type { Logger } from 'pino';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import { type CheckpointControl, createCheckpointControl } from './checkpoint-control.js';
import {
  type Asker,
  type CheckpointToSend,
  createCheckpointPush,
  type PushContext,
  sendWhenNeeded,
  type WhyMissing,
} from './checkpoint-push.js';
import type { FormFile } from './form-body.js';
import { pictureBody } from './picture-body.js';
import { byPreference, createReplicas, type Replica } from './replicas.js';
import { groupFor, type WorkerGroup, type WorkerServices } from './worker-groups.js';
import {
  createWorkerHttp,
  parseJson,
  problemIn,
  toldAnew,
  type WorkerAnswer,
  WorkerConnectionError,
  WorkerProtocolError,
  wasDropped,
} from './worker-http.js';
import { createWorkerSurvey, type WorkerSurvey } from './worker-survey.js';

export interface InferenceCall extends Asker {
  readonly framework: string | null;
  /** Everything but `framework`; undefined is left out. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly file: FormFile;
  readonly checkpoint: CheckpointToSend | null;
  readonly jobId: number;
  /** When the request came; monotonic clock, as the deadline. */
  readonly arrivedAtMs: number;
  readonly deadlineAtMs: number;
  /** Fires when nobody waits any more; its reason is thrown. */
  readonly signal: AbortSignal;
}

export type InspectionAnswer =
  | { readonly kind: 'accepted'; readonly findings: CheckpointFindings; readonly warnings: readonly string[] }
  /** A refusal of whatever kind; the answer says which. */
  | { readonly kind: 'problem'; readonly answer: WorkerAnswer };

export interface WorkerClient
  extends CheckpointControl,
    Pick<WorkerSurvey, 'holdings' | 'replicas' | 'ready' | 'forget'> {
  /**
   * Runs one picture on a worker of the job's framework and returns the worker's answer as it is.
   * Replicas are tried in turn, the least busy first: an inference can be repeated.
   * @throws WORKER_UNREACHABLE, WORKER_PROTOCOL, `whyMissing`'s failure, and the signal's reason
   */
  infer(call: InferenceCall): Promise<WorkerAnswer>;
  /**
   * Sends a checkpoint to a worker of the framework, which looks into it.
   * @throws WORKER_UNREACHABLE, WORKER_PROTOCOL, `whyMissing`'s failure when the store has no such bytes
   */
  inspect(framework: string | null, checkpoint: CheckpointToSend, context: PushContext): Promise<InspectionAnswer>;
  close(): Promise<void>;
}

export interface WorkerClientOptions {
  readonly services: WorkerServices;
  readonly token: string | undefined;
  readonly answerBytesMax: number;
  readonly pushTimeoutMs: number;
  readonly store: CheckpointStore;
  readonly whyMissing: WhyMissing;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Between two tries when the only replica has dropped the connection: it may be restarting its listener. */
const repeatPauseMs = 50;

export function createWorkerClient(options: WorkerClientOptions): WorkerClient {
  const { services, logger, now } = options;
  const http = createWorkerHttp(options);
  const replicas = createReplicas(now);
  const push = createCheckpointPush({ http, ...options });
  const survey = createWorkerSurvey({ http, replicas, services });

  /** Tries replicas in turn until one gives an answer worth passing on. */
  const tryInTurn = async (
    group: WorkerGroup,
    signal: AbortSignal,
    attempt: (replica: Replica) => Promise<WorkerAnswer>,
  ): Promise<WorkerAnswer> => {
    const candidates = await replicas.of(group.urls);
    let lastAnswer: WorkerAnswer | undefined;
    let mayRepeat = true;
    while (candidates.length > 0) {
      // Chosen anew each time: the others' load has changed while one was asked.
      const [replica] = byPreference(candidates, now()) as [Replica];
      candidates.splice(candidates.indexOf(replica), 1);
      try {
        const answer = await attempt(replica);
        if (!isBusyStarting(answer)) return answer;
        lastAnswer = answer;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof WorkerProtocolError) {
          logger.warn({ worker: replica.url, reason: error.message }, 'unreadable answer of a worker');
          throw fail('WORKER_PROTOCOL', { framework: group.name });
        }
        if (!(error instanceof WorkerConnectionError)) throw error;
        logger.warn({ worker: replica.url, reason: error.message }, 'a worker cannot be reached');
        // A kept connection may have been closed just as it was used: once more, on a new one.
        if (mayRepeat && candidates.length === 0 && !lastAnswer && wasDropped(error)) {
          mayRepeat = false;
          candidates.push(replica);
          await sleep(repeatPauseMs);
        }
      }
    }
    if (lastAnswer) return lastAnswer;
    throw fail('WORKER_UNREACHABLE', { framework: group.name }, { retryAfterS: 1 });
  };

  /** The fallback's own framework, for jobs that name none: it would refuse any other word. */
  const ownFrameworkOf = async (group: WorkerGroup): Promise<string> => {
    const twin = frameworks.find((name) => services[name].some((url) => group.urls.includes(url)));
    if (twin) return twin;
    for (const replica of await replicas.of(group.urls)) {
      const answer = await survey.ask(replica, 'GET', '/ready');
      const framework = answer && WorkerReady.safeParse(parseJson(answer.body)).data?.framework;
      if (framework) return framework;
    }
    throw fail('WORKER_UNREACHABLE', { framework: group.name }, { retryAfterS: 1 });
  };

  return {
    async infer({
      framework,
      fields,
      file,
      checkpoint,
      arrivedAtMs,
      deadlineAtMs,
      requestId,
      language,
      signal,
      jobId,
    }) {
      const group = groupFor(framework, services);
      const named = framework ?? (await orGiveUp(ownFrameworkOf(group), signal));
      const picture = pictureBody({ ...fields, framework: named }, file);
      const post = (replica: Replica) =>
        http.call(replica, {
          method: 'POST',
          path: `/inference/quick${picture.search}`,
          headers: {
            'content-type': picture.contentType,
            'accept-language': language,
            'x-request-id': requestId,
            ...timeHeaders(arrivedAtMs, deadlineAtMs, now()),
          },
          body: picture.bytes,
          signal,
        });
      let refusedPush: WorkerAnswer | undefined;
      const answer = await tryInTurn(group, signal, async (replica) => {
        if (!checkpoint) return post(replica);
        const { answer, isAnswerToBytes } = await sendWhenNeeded({
          ask: () => post(replica),
          send: () => orGiveUp(push(replica, checkpoint, { requestId, language, jobId }), signal),
        });
        if (isAnswerToBytes) refusedPush = answer;
        return answer;
      });
      // One upload serves all who wait for it: its refusal is told to each in his language and under his id.
      return answer === refusedPush ? toldAnew(answer, { requestId, language }) : answer;
    },

    async inspect(framework, checkpoint, context) {
      const signal = AbortSignal.timeout(options.pushTimeoutMs);
      const answer = await tryInTurn(groupFor(framework, services), signal, (replica) =>
        push(replica, checkpoint, context),
      );
      if (answer.status !== 200) return { kind: 'problem', answer };
      const stored = StoredCheckpoint.safeParse(parseJson(answer.body));
      if (!stored.success) throw fail('WORKER_PROTOCOL', { framework: groupFor(framework, services).name });
      return { kind: 'accepted', findings: stored.data.findings, warnings: stored.data.warnings };
    },

    holdings: survey.holdings,
    replicas: survey.replicas,
    ready: survey.ready,
    forget: survey.forget,
    ...createCheckpointControl({ http, replicas, services, push, survey, logger, now }),
    close: () => http.close(),
  };
}

/** Another replica may take what this one cannot take yet, or no longer. */
function isBusyStarting(answer: WorkerAnswer): boolean {
  if (answer.status !== 503) return false;
  const code = problemIn(answer)?.code;
  return code === 'STARTING' || code === 'DRAINING';
}

/** What is left of the time and what is used of it, whole ms that add up to what the caller gave. */
const timeHeaders = (arrivedAtMs: number, deadlineAtMs: number, nowMs: number) => ({
  'x-deadline-ms': String(Math.max(1, Math.floor(deadlineAtMs - nowMs))),
  'x-request-age-ms': String(Math.max(0, Math.ceil(nowMs - arrivedAtMs))),
});
