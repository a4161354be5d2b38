import type { GatewayReady } from '@lensgate/contracts';

/** What `/ready` says; asked often, so each answer stands for a moment. */
export interface Readiness {
  check(): Promise<GatewayReady>;
}

const ageMsMax = 1_000;

export interface ReadinessSources {
  /** Throws when the database cannot be reached. */
  isMigrated(): Promise<boolean>;
  workers(): Promise<GatewayReady['workers']>;
  isDraining(): boolean;
  now(): number;
}

export function createReadiness({ isMigrated, workers, isDraining, now }: ReadinessSources): Readiness {
  let known: { answer: Promise<Omit<GatewayReady, 'ready'>>; atMs: number } | undefined;

  const look = async () => {
    const [database, others] = await Promise.all([
      isMigrated().then(
        (migrated) => ({ reachable: true, migrated }),
        () => ({ reachable: false, migrated: false }),
      ),
      workers(),
    ]);
    const reason = !database.reachable
      ? 'the database cannot be reached'
      : database.migrated
        ? null
        : 'the database is not migrated to this version';
    return { database, workers: others, reason };
  };

  return {
    async check() {
      if (!known || now() - known.atMs > ageMsMax) known = { answer: look(), atMs: now() };
      const answer = await known.answer;
      // Workers are details: one that is dead must not take the gateway out.
      const reason = isDraining() ? 'the gateway is shutting down' : answer.reason;
      return { ready: reason === null, ...answer, reason };
    },
  };
}
