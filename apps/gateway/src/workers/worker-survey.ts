import { WorkerModels, WorkerReady } from '@lensgate/contracts';
import type { Replica, Replicas } from './replicas.js';
import { allGroups, type WorkerGroup, type WorkerServices } from './worker-groups.js';
import { parseJson, problemIn, type WorkerAnswer, type WorkerHttp } from './worker-http.js';

/** What one worker says it holds. */
export interface Holding {
  readonly group: WorkerGroup;
  readonly replica: Replica;
  readonly models: WorkerModels | undefined;
  /** Why it says nothing. */
  readonly reason: string | null;
}

export interface ReadyWorker {
  readonly group: WorkerGroup;
  readonly url: string;
  readonly ready: boolean;
  readonly reason: string | null;
}

/** Short questions to many workers at once. Whoever does not answer soon is named as away; nothing here throws. */
export interface WorkerSurvey {
  ask(replica: Replica, method: 'GET' | 'PUT' | 'DELETE', path: string): Promise<WorkerAnswer | undefined>;
  /** Every worker, or those of one group. */
  holdings(group?: WorkerGroup): Promise<Holding[]>;
  ready(): Promise<ReadyWorker[]>;
  /** Every worker that is configured, once. */
  replicas(): Promise<Replica[]>;
  /** Tells every worker that nobody needs the checkpoint any more. */
  forget(sha256: string): Promise<void>;
}

const questionMs = 2_000;
const unreachable = 'it cannot be reached';
const unreadable = 'its answer cannot be read';

export function createWorkerSurvey(options: {
  http: WorkerHttp;
  replicas: Replicas;
  services: WorkerServices;
}): WorkerSurvey {
  const { http, replicas, services } = options;

  const ask: WorkerSurvey['ask'] = async (replica, method, path) => {
    try {
      return await http.call(replica, { method, path, signal: AbortSignal.timeout(questionMs) });
    } catch {
      return undefined;
    }
  };
  const membersOf = async (group: WorkerGroup) =>
    (await replicas.of(group.urls)).map((replica) => ({ group, replica }));
  const everyReplica = async () => (await Promise.all(allGroups(services).map(membersOf))).flat();

  return {
    ask,
    replicas: async () => (await everyReplica()).map(({ replica }) => replica),
    async holdings(group) {
      const asked = group ? await membersOf(group) : await everyReplica();
      return Promise.all(
        asked.map(async (member) => {
          const answer = await ask(member.replica, 'GET', '/models/list');
          const models = answer?.status === 200 ? WorkerModels.safeParse(parseJson(answer.body)).data : undefined;
          return { ...member, models, reason: models ? null : reasonOf(answer) };
        }),
      );
    },
    async ready() {
      return Promise.all(
        (await everyReplica()).map(async ({ group, replica }) => {
          const answer = await ask(replica, 'GET', '/ready');
          const said = answer && WorkerReady.safeParse(parseJson(answer.body)).data;
          const reason = said ? said.reason : answer ? unreadable : unreachable;
          return { group, url: replica.url, ready: said?.ready === true, reason };
        }),
      );
    },
    async forget(sha256) {
      await Promise.all((await everyReplica()).map(({ replica }) => ask(replica, 'DELETE', `/checkpoints/${sha256}`)));
    },
  };
}

function reasonOf(answer: WorkerAnswer | undefined): string {
  if (!answer) return unreachable;
  const problem = problemIn(answer);
  return problem ? `it answers ${problem.status} ${problem.code}` : unreadable;
}
