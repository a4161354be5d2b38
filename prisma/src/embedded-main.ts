/**
 * The embedded database as a process of its own: PGlite runs its queries on the event loop, and nothing else should wait there.
 *
 * Environment: `PGLITE_DATA_DIR` (the cluster), `PGLITE_SOCKET_DIR` (the folder that gets `.s.PGSQL.5432`).
 * Standard output carries one JSON line: `{"event":"ready",…}` or `{"event":"failed","code":…,"message":…}`.
 * Ends with code 0 on SIGTERM, on SIGINT, and when standard input closes, which is how it notices that its parent is gone.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { acquireDataLock } from './embedded/data-lock.js';
import { EmbeddedPostgresError } from './embedded/embedded-error.js';
import { socketDatabaseUrl, socketPathIn } from './embedded/socket-path.js';
import { takingTurns } from './embedded/turn-taking.js';

/** As many as PostgreSQL allows by default. They take turns, and an idle one costs nothing; the server's own default is one. */
const CONNECTIONS_MAX = 100;
const CLOSE_MS_MAX = 10_000;

function report(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function folderFromEnv(name: string): string {
  const value = process.env[name];
  if (!value) throw new EmbeddedPostgresError('CONFIG_INVALID', `${name} is not set.`);
  return resolve(value);
}

/** Makes a new cluster beside its final place first: a start that is killed half-way leaves nothing that looks finished. */
async function openCluster(dataDir: string): Promise<{ engine: PGlite; firstStart: boolean }> {
  const firstStart = !existsSync(join(dataDir, 'PG_VERSION'));
  if (firstStart) {
    const draftDir = `${dataDir}.new`;
    await rm(draftDir, { recursive: true, force: true });
    const draft = await PGlite.create({ dataDir: draftDir });
    await draft.close();
    await rename(draftDir, dataDir);
  }
  return { engine: await PGlite.create({ dataDir }), firstStart };
}

/** Removes what a killed server left behind; refuses to take the place of a living one. */
async function clearSocket(socketPath: string): Promise<void> {
  if (!existsSync(socketPath)) return;
  const isServed = await new Promise<boolean>((done) => {
    const probe = connect(socketPath, () => done(true));
    probe.once('error', () => done(false)).once('close', () => done(false));
    probe.once('connect', () => probe.destroy());
  });
  if (isServed) {
    throw new EmbeddedPostgresError('SOCKET_DIR_IN_USE', `Another database listens on ${socketPath} already.`);
  }
  await rm(socketPath, { force: true });
}

async function main(): Promise<void> {
  const startedAtMs = performance.now();
  const dataDir = folderFromEnv('PGLITE_DATA_DIR');
  const socketDir = folderFromEnv('PGLITE_SOCKET_DIR');
  const socketPath = socketPathIn(socketDir);
  await mkdir(dirname(dataDir), { recursive: true });
  await mkdir(socketDir, { recursive: true, mode: 0o700 });

  const lock = await acquireDataLock(`${dataDir}.lock`);
  const closers: (() => Promise<void>)[] = [lock.release];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      setTimeout(() => process.exit(1), CLOSE_MS_MAX).unref();
      while (closers.length > 0) await closers.pop()?.();
    })();
    return closing;
  };
  const closeAndExit = () => {
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', closeAndExit).once('SIGINT', closeAndExit);
  process.stdin.once('end', closeAndExit).once('error', closeAndExit).resume();

  try {
    await clearSocket(socketPath);
    const { engine, firstStart } = await openCluster(dataDir);
    closers.push(() => engine.close());
    const db = takingTurns(engine, {
      onCrash: (error) => {
        process.stderr.write(`The embedded database has crashed: ${error}\n`);
        process.exit(1);
      },
    });
    const server = new PGLiteSocketServer({ db: db as PGlite, path: socketPath, maxConnections: CONNECTIONS_MAX });
    await server.start();
    closers.push(() => server.stop());
    // There is no password: only the user who started it may connect.
    await chmod(socketPath, 0o600);
    const startMs = Math.round(performance.now() - startedAtMs);
    report({ event: 'ready', pid: process.pid, databaseUrl: socketDatabaseUrl(socketDir), firstStart, startMs });
  } catch (error) {
    await close();
    throw error;
  }
}

main().catch((error: unknown) => {
  const code = error instanceof EmbeddedPostgresError ? error.code : 'START_FAILED';
  report({ event: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.stdin.destroy();
});
