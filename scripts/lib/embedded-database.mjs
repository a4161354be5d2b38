import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A socket's path may have 103 bytes, and the server adds `/.s.PGSQL.5432`. */
const socketDirBytesMax = 89;

/**
 * A folder for the database's socket: beside the data, or in the system's temporary folder when that path is too long.
 * @param {string} dataDir
 * @returns {Promise<{ socketDir: string, remove: () => Promise<void> }>}
 */
async function makeSocketDir(dataDir) {
  const beside = join(dataDir, 'socket');
  if (Buffer.byteLength(beside) <= socketDirBytesMax) {
    await mkdir(beside, { recursive: true, mode: 0o700 });
    return { socketDir: beside, remove: async () => {} };
  }
  const socketDir = await mkdtemp(join(tmpdir(), 'lensgate-'));
  return { socketDir, remove: () => rm(socketDir, { recursive: true, force: true }) };
}

/**
 * Starts the embedded PostgreSQL in a process of its own. A data folder that is in use gets a moment, as ports do.
 * @param {{ dataDir: string, clusterDir: string, waitMsMax?: number }} options
 */
export async function startEmbeddedDatabase({ dataDir, clusterDir, waitMsMax = 3_000 }) {
  // Compiled just before: a static import would be read too early.
  const { startEmbeddedPostgres, EmbeddedPostgresError } = await import('@lensgate/prisma');
  const { socketDir, remove } = await makeSocketDir(dataDir);
  const giveUpAtMs = performance.now() + waitMsMax;
  for (;;) {
    try {
      const database = await startEmbeddedPostgres({
        dataDir: clusterDir,
        socketDir,
        onErrorLine: (line) => process.stderr.write(`${line}\n`),
      });
      return {
        ...database,
        stop: async () => {
          const end = await database.stop();
          await remove();
          return end;
        },
      };
    } catch (error) {
      const mayPass = error instanceof EmbeddedPostgresError && error.code.endsWith('_IN_USE');
      if (!mayPass || performance.now() > giveUpAtMs) {
        await remove();
        throw error;
      }
      await sleep(200);
    }
  }
}
