import type { PrismaClient } from '@lensgate/prisma';
import type { Logger } from 'pino';
import { type CheckpointOfJob, knownDigests, listPinned } from '../store/checkpoints-of-jobs.js';
import { unasked } from '../workers/checkpoint-push.js';
import type { Replica } from '../workers/replicas.js';
import type { WorkerClient } from '../workers/worker-client.js';
import { groupFor, type WorkerServices } from '../workers/worker-groups.js';
import { problemIn, type WorkerAnswer } from '../workers/worker-http.js';
import type { Holding } from '../workers/worker-survey.js';
import { type BackgroundLook, createBackgroundLook } from './background-look.js';
import { checkpointToSend } from './inspect-checkpoint.js';

/**
 * Tells the workers which checkpoints are pinned. The database knows it, and workers forget it when they end: so they
 * are told at once when it changes, and looked after from time to time. A pinned checkpoint is then loaded, and kept, by
 * the worker itself.
 */
export interface PinKeeper extends BackgroundLook {
  /** Tells every worker what the database says of these bytes; whoever is away is told later. */
  tell(sha256: string): Promise<void>;
}

export interface PinKeeperOptions {
  readonly database: PrismaClient;
  readonly workers: WorkerClient;
  readonly services: WorkerServices;
  readonly logger: Logger;
  readonly everyMs: number;
  /** Lets a worker look into a checkpoint that none has seen. @throws its refusal, or why it could not */
  readonly accept: (pinned: CheckpointOfJob) => Promise<unknown>;
}

export function createPinKeeper(options: PinKeeperOptions): PinKeeper {
  const { database, workers, services, logger, everyMs, accept } = options;
  const underWay = new Set<string>();
  const troubles = new Map<string, string>();
  /** Away when they were to be told of a pin less: a worker that has only been cut off still keeps it. */
  const untold = new Set<Replica>();
  let mayBeStale = true;

  const isFor = (replica: Replica, { job }: CheckpointOfJob) =>
    groupFor(job.framework, services).urls.includes(replica.url);

  /** Says a trouble once, not at every look. */
  const note = (key: string, trouble: string | undefined) => {
    if (trouble !== undefined && troubles.get(key) !== trouble)
      logger.warn({ pin: key, reason: trouble }, 'a pinned checkpoint is not kept by a worker');
    if (trouble === undefined) troubles.delete(key);
    else troubles.set(key, trouble);
  };

  /** Pins on one replica. Bytes that it lacks are sent in the background: they may take long. */
  const pinOn = async (replica: Replica, pinned: CheckpointOfJob): Promise<void> => {
    const { sha256 } = pinned.row;
    const key = `${replica.origin}${replica.basePath} ${sha256}`;
    if (underWay.has(key)) return;
    const answer = await workers.pin(replica, sha256);
    if (answer && problemIn(answer)?.code === 'CHECKPOINT_NEEDED') {
      underWay.add(key);
      void sendAndPin(replica, pinned)
        .then((trouble) => note(key, trouble))
        .finally(() => underWay.delete(key));
    } else {
      note(key, troubleIn(answer));
    }
  };

  const sendAndPin = async (replica: Replica, pinned: CheckpointOfJob): Promise<string | undefined> => {
    const { job, row } = pinned;
    const context = { ...unasked(`pin-${row.id}`), jobId: job.id };
    try {
      if (row.status === 'pending') await accept(pinned);
      else {
        const pushed = await workers.push(replica, checkpointToSend(job, row), context);
        // One that there is no room for now has arrived all the same, and is tried again by the worker.
        if (pushed.status !== 200 && pushed.status !== 507) return troubleIn(pushed);
      }
      return troubleIn(await workers.pin(replica, row.sha256));
    } catch (error) {
      return (error as Error).message;
    }
  };

  const mend = async ({ replica, models }: Holding, pinned: readonly CheckpointOfJob[], known: ReadonlySet<string>) => {
    if (!models) return;
    const wanted = new Map(pinned.filter((each) => isFor(replica, each)).map((each) => [each.row.sha256, each]));
    const kept = new Set(models.models.filter((entry) => entry.pinned).map(({ sha256 }) => sha256));
    for (const [sha256, each] of wanted) if (!kept.has(sha256)) await pinOn(replica, each);
    for (const { sha256, name } of models.models) {
      // A model that is built in may be pinned by whoever runs the worker; checkpoints are the gateway's.
      const isOurs = name === null || known.has(sha256);
      if (kept.has(sha256) && !wanted.has(sha256) && isOurs) await workers.unpin(replica, sha256);
    }
  };

  /** Compares what every worker keeps with what the database says, and mends the difference. */
  const lookOnce = async (): Promise<void> => {
    if (!mayBeStale && (await listPinned(database)).length === 0) return;
    // The workers first: what they are told meanwhile, the database knew before.
    const holdings = await workers.holdings();
    const kept = holdings.flatMap(({ models }) => models?.models.filter((entry) => entry.pinned) ?? []);
    const [pinned, known] = await Promise.all([
      listPinned(database),
      knownDigests(
        database,
        kept.map(({ sha256 }) => sha256),
      ),
    ]);
    await Promise.all(holdings.map((holding) => mend(holding, pinned, known)));
    for (const { replica, models } of holdings) if (models) untold.delete(replica);
    mayBeStale = pinned.length > 0 || kept.length > 0 || untold.size > 0;
  };

  const background = createBackgroundLook({
    once: lookOnce,
    everyMs,
    onError: (error) => logger.debug({ err: error }, 'the pinned checkpoints could not be looked after'),
  });

  return {
    ...background,
    async tell(sha256) {
      mayBeStale = true;
      const pinned = await listPinned(database, { sha256 });
      const replicas = await workers.replicas();
      await Promise.all(
        replicas.map(async (replica) => {
          const wanted = pinned.find((each) => isFor(replica, each));
          if (wanted) await pinOn(replica, wanted);
          else if (!(await workers.unpin(replica, sha256))) untold.add(replica);
        }),
      );
    },
  };
}

function troubleIn(answer: WorkerAnswer | undefined): string | undefined {
  if (!answer) return 'the worker cannot be reached';
  return problemIn(answer)?.detail;
}
