import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@lensgate/prisma';
import { startEmptyPostgres } from './empty-cluster.js';

export interface TestDatabase {
  /** Of an empty database that nothing else uses. */
  databaseUrl: string;
  /** Removes the database and everything that was started for it; nothing happens the second time. */
  close(): Promise<void>;
}

export interface DatabaseKind {
  name: 'PGlite' | 'PostgreSQL';
  open(): Promise<TestDatabase>;
}

const pglite: DatabaseKind = {
  name: 'PGlite',
  open: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lensgate-'));
    const database = await startEmptyPostgres({ dataDir: join(dir, 'data'), socketDir: dir });
    return {
      databaseUrl: database.databaseUrl,
      close: async () => {
        await database.stop();
        await rm(dir, { recursive: true, force: true });
      },
    };
  },
};

function postgresAt(serverUrl: string): DatabaseKind {
  const onServer = async (sql: string) => {
    const client = createClient(serverUrl, { connectionsMax: 1 });
    try {
      await client.$executeRawUnsafe(sql);
    } finally {
      await client.$disconnect();
    }
  };
  return {
    name: 'PostgreSQL',
    open: async () => {
      const name = `lensgate_test_${randomBytes(8).toString('hex')}`;
      await onServer(`CREATE DATABASE ${name}`);
      const url = new URL(serverUrl);
      url.pathname = `/${name}`;
      return { databaseUrl: url.href, close: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
    },
  };
}

/**
 * What the tests run on: the embedded database, or PostgreSQL when `TEST_DATABASE_URL` names a server
 * (`scripts/with-postgres.sh` starts one). The user of that URL must be allowed to create databases.
 */
export const testDatabase: DatabaseKind = process.env.TEST_DATABASE_URL
  ? postgresAt(process.env.TEST_DATABASE_URL)
  : pglite;
