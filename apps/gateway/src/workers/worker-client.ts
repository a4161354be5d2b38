import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CheckpointFindings,
  fail,
  frameworks,
  type Language,
  StoredCheckpoint,
  WorkerModels,
  WorkerReady,
} from '@lensgate/contracts';
import type { Logger } from 'pino';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import type { FormFile } from './form-body.js';
import { orGiveUp } from './give-up.js';
import { pictureBody } from './picture-body.js';
import { byPreference, createReplicas, type Replica } from './replicas.js';
import { allGroups, groupFor, type WorkerGroup, type WorkerServices } from './worker-groups.js';
import {
  createWorkerHttp,
  problemIn,
  toldAnew,
  type WorkerAnswer,
  WorkerConnectionError,
  WorkerProtocolError,
} from './worker-http.js';

/** What a worker is told of a checkpoint when it gets its bytes. */
export interface CheckpointToSend {
  readonly sha256: string;
  readonly taskType: string;
  readonly numClasses: number;
  readonly classNames: readonly string[] | null;
}

export interface InferenceCall {
  readonly framework: string | null;
  /** Everything but `framework`; undefined is left out. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly file: FormFile;
  readonly checkpoint: CheckpointToSend | null;
  /** For words when the bytes are gone. */
  readonly jobId: number;
  readonly modelName: string;
  /** When the request came; monotonic clock, as the deadline. */
  readonly arrivedAtMs: number;
  readonly deadlineAtMs: number;
  readonly requestId: string;
  readonly language: Language;
  /** Fires when nobody waits any more; its reason is thrown. */
  readonly signal: AbortSignal;
}

export type InspectionAnswer =
  | { readonly kind: 'accepted'; readonly findings: CheckpointFindings; readonly warnings: readonly string[] }
  /** A refusal of whatever kind; the answer says which. */
  | { readonly kind: 'problem'; readonly answer: WorkerAnswer };

export interface WorkerClient {
  /**
   * Runs one picture on a worker of the job's framework and returns the worker's answer as it is.
   * Replicas are tried in turn, the least busy first: an inference can be repeated.
   * @throws WORKER_UNREACHABLE, WORKER_PROTOCOL, CHECKPOINT_MISSING, and the signal's reason
   */
  infer(call: InferenceCall): Promise<WorkerAnswer>;
  /**
   * Sends a checkpoint to a worker of the framework, which looks into it.
   * @throws WORKER_UNREACHABLE, WORKER_PROTOCOL, CHECKPOINT_MISSING when the store has no such bytes
   */
  inspect(framework: string | null, checkpoint: CheckpointToSend, context: InspectContext): Promise<InspectionAnswer>;
  /** Tells every worker that nobody needs the checkpoint any more; whoever is away is passed over. */
  forget(sha256: string): Promise<void>;
  models(): Promise<{ group: WorkerGroup; url: string; models: WorkerModels | undefined }[]>;
  ready(): Promise<{ group: WorkerGroup; url: string; ready: boolean; reason: string | null }[]>;
  close(): Promise<void>;
}

interface InspectContext {
  readonly requestId: string;
  readonly jobId: number;
  readonly modelName: string;
}

export interface WorkerClientOptions {
  readonly services: WorkerServices;
  readonly token: string | undefined;
  readonly answerBytesMax: number;
  readonly pushTimeoutMs: number;
  readonly store: CheckpointStore;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Health, lists and deletions: small questions with short answers. */
const questionMs = 2_000;
/** Headers have a limit of 16 KiB; longer lists of names stay at home, the graph is the truth anyway. */
const classNamesQueryMax = 4_096;
/** Between two tries when the only replica has dropped the connection: it may be restarting its listener. */
const repeatPauseMs = 50;

export function createWorkerClient(options: WorkerClientOptions): WorkerClient {
  const { services, store, logger, now } = options;
  const http = createWorkerHttp(options);
  const replicas = createReplicas(now);
  const pushes = new Map<string, Promise<WorkerAnswer>>();

  /** Sends the bytes to one replica; all who need them there wait for one upload. */
  const push = (replica: Replica, checkpoint: CheckpointToSend, context: InspectContext): Promise<WorkerAnswer> => {
    const key = `${replica.origin}${replica.basePath} ${pushPath(checkpoint)}`;
    const running = pushes.get(key);
    if (running) return running;
    const started = sendBytes(replica, checkpoint, context).finally(() => pushes.delete(key));
    pushes.set(key, started);
    return started;
  };
  const sendBytes = async (replica: Replica, checkpoint: CheckpointToSend, context: InspectContext) => {
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
        signal: AbortSignal.timeout(options.pushTimeoutMs),
      });
    } catch (error) {
      if (isTimeout(error)) throw new WorkerConnectionError('sending the checkpoint took too long', { cause: error });
      throw error;
    } finally {
      found.stream.destroy();
    }
  };

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

  const ask = async (replica: Replica, method: 'GET' | 'DELETE', path: string): Promise<WorkerAnswer | undefined> => {
    try {
      return await http.call(replica, { method, path, signal: AbortSignal.timeout(questionMs) });
    } catch {
      return undefined;
    }
  };
  const everyReplica = async () => {
    const groups = await Promise.all(
      allGroups(services).map(async (group) => (await replicas.of(group.urls)).map((replica) => ({ group, replica }))),
    );
    return groups.flat();
  };

  /** The fallback's own framework, for jobs that name none: it would refuse any other word. */
  const ownFrameworkOf = async (group: WorkerGroup): Promise<string> => {
    const twin = frameworks.find((name) => services[name].some((url) => group.urls.includes(url)));
    if (twin) return twin;
    for (const replica of await replicas.of(group.urls)) {
      const answer = await ask(replica, 'GET', '/ready');
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
      ...context
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
            'x-deadline-ms': String(Math.max(1, Math.floor(deadlineAtMs - now()))),
            'x-request-age-ms': String(Math.max(0, Math.ceil(now() - arrivedAtMs))),
          },
          body: picture.bytes,
          signal,
        });
      let refusedPush: WorkerAnswer | undefined;
      const answer = await tryInTurn(group, signal, async (replica) => {
        const answer = await post(replica);
        if (!checkpoint || answer.status !== 409 || problemIn(answer)?.code !== 'CHECKPOINT_NEEDED') return answer;
        const pushed = await orGiveUp(push(replica, checkpoint, { requestId, ...context }), signal);
        if (pushed.status === 200) return post(replica);
        refusedPush = pushed;
        return pushed;
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

    async forget(sha256) {
      await Promise.all((await everyReplica()).map(({ replica }) => ask(replica, 'DELETE', `/checkpoints/${sha256}`)));
    },

    async models() {
      return Promise.all(
        (await everyReplica()).map(async ({ group, replica }) => {
          const answer = await ask(replica, 'GET', '/models/list');
          const models = answer?.status === 200 ? WorkerModels.safeParse(parseJson(answer.body)).data : undefined;
          return { group, url: replica.url, models };
        }),
      );
    },

    async ready() {
      return Promise.all(
        (await everyReplica()).map(async ({ group, replica }) => {
          const answer = await ask(replica, 'GET', '/ready');
          const said = answer && WorkerReady.safeParse(parseJson(answer.body)).data;
          const reason = said ? said.reason : answer ? 'its answer cannot be read' : 'it cannot be reached';
          return { group, url: replica.url, ready: said?.ready === true, reason };
        }),
      );
    },

    close: () => http.close(),
  };
}

function pushPath({ sha256, taskType, numClasses, classNames }: CheckpointToSend): string {
  const query = new URLSearchParams({ task_type: taskType, num_classes: String(numClasses) });
  const names = new URLSearchParams(classNames ? { class_names: JSON.stringify(classNames) } : {}).toString();
  const more = names !== '' && names.length <= classNamesQueryMax ? `&${names}` : '';
  return `/checkpoints/${sha256}?${query}${more}`;
}

/** Another replica may take what this one cannot take yet, or no longer. */
function isBusyStarting(answer: WorkerAnswer): boolean {
  if (answer.status !== 503) return false;
  const code = problemIn(answer)?.code;
  return code === 'STARTING' || code === 'DRAINING';
}

const wasDropped = (error: WorkerConnectionError): boolean => {
  const { code } = (error.cause ?? {}) as { code?: string };
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
};

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
