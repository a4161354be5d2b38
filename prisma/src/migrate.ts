import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { PrismaClient } from './generated/client.js';
import { type MigrationFile, readMigrationFiles } from './migration-files.js';
import { compareHistory, type MigrationRow, type MigrationStatus } from './migration-history.js';

export interface MigrationLogger {
  info(fields: Record<string, unknown>, message: string): void;
}

export type MigrationErrorCode =
  | 'MIGRATIONS_AHEAD'
  | 'MIGRATIONS_EDITED'
  | 'MIGRATIONS_UNFINISHED'
  | 'MIGRATION_SQL_FAILED'
  | 'MIGRATION_LOCK_TIMEOUT';

/** The database was left as it was; the message says which migrations are meant. */
export class MigrationError extends Error {
  constructor(
    readonly code: MigrationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'MigrationError';
  }
}

/** The number that Prisma's own CLI locks while it migrates, so that it and we exclude each other. */
const MIGRATION_LOCK = 72_707_369;
const LOCK_WAIT_MS_MAX = 60_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** The table as Prisma's CLI makes it: the CLI can take over from us, and we from it. */
const createHistoryTable = `
CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)`;
const selectHistory =
  'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations ORDER BY started_at';

export interface MigrateOptions {
  logger: MigrationLogger;
  /** The migrations to apply; by default the ones this package carries. */
  files?: readonly MigrationFile[];
}

/**
 * Applies the migrations that the database lacks, all or none: DDL is transactional in PostgreSQL, so one transaction holds
 * them, and a process that dies in the middle leaves nothing behind. Of several that start together one applies and the others
 * wait for it. A migration must therefore not contain what refuses to run in a transaction (CREATE INDEX CONCURRENTLY).
 *
 * @returns the names of those applied, in order
 * @throws MigrationError
 */
export async function migrate(databaseUrl: string, { logger, files }: MigrateOptions): Promise<{ applied: string[] }> {
  const ours = files ?? (await readMigrationFiles());
  return withConnection(databaseUrl, async (connection) => {
    await connection.query('BEGIN');
    try {
      await takeLock(connection);
      await connection.query(createHistoryTable);
      const { rows } = await connection.query<MigrationRow>(selectHistory);
      const missing = missingNames(compareHistory(ours, rows));
      const applied: string[] = [];
      for (const file of ours.filter(({ name }) => missing.has(name))) {
        await applyMigration(connection, file);
        applied.push(file.name);
      }
      await connection.query('COMMIT');
      for (const migration of applied) logger.info({ migration }, 'migration applied');
      return { applied };
    } catch (error) {
      // A lost connection has rolled back by itself, and its error is the one to report.
      await connection.query('ROLLBACK').catch(() => {});
      throw error;
    }
  });
}

/**
 * Where the database stands, without changing it.
 * @param source a URL (one connection is made and closed), or a client
 */
export async function migrationStatus(
  source: string | Pick<PrismaClient, '$queryRawUnsafe'>,
): Promise<MigrationStatus> {
  const files = await readMigrationFiles();
  if (typeof source !== 'string') {
    return compareHistory(files, await historyRows((sql) => source.$queryRawUnsafe(sql)));
  }
  return withConnection(source, async (connection) =>
    compareHistory(files, await historyRows(async (sql) => (await connection.query(sql)).rows)),
  );
}

async function historyRows(query: (sql: string) => Promise<unknown>): Promise<MigrationRow[]> {
  const found = (await query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found")) as { found: boolean }[];
  return found[0]?.found ? ((await query(selectHistory)) as MigrationRow[]) : [];
}

async function withConnection<T>(databaseUrl: string, task: (connection: pg.Client) => Promise<T>): Promise<T> {
  const connection = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  // The query under way reports a lost connection; without a listener it would end the process as well.
  connection.on('error', () => {});
  await connection.connect();
  try {
    return await task(connection);
  } finally {
    await connection.end().catch(() => {});
  }
}

async function takeLock(connection: pg.Client): Promise<void> {
  try {
    await connection.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS_MAX}`);
    await connection.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    const message = `Another process has been migrating this database for more than ${LOCK_WAIT_MS_MAX} ms.`;
    throw new MigrationError('MIGRATION_LOCK_TIMEOUT', message, { cause: error });
  }
}

function missingNames(status: MigrationStatus): Set<string> {
  if (status.state === 'current') return new Set();
  if (status.state === 'behind') return new Set(status.migrations);
  const names = status.migrations.join(', ');
  switch (status.state) {
    case 'ahead':
      throw new MigrationError(
        'MIGRATIONS_AHEAD',
        `The database has migrations that this version does not know (${names}): a newer version has migrated it. Start that version or a newer one.`,
      );
    case 'edited':
      throw new MigrationError(
        'MIGRATIONS_EDITED',
        `Migrations were changed after they had been applied (${names}). Restore their files, and put the change into a new migration.`,
      );
    case 'unfinished':
      throw new MigrationError(
        'MIGRATIONS_UNFINISHED',
        `Migrations were begun by another tool and not finished (${names}). Resolve them with \`prisma migrate resolve\` first.`,
      );
  }
}

async function applyMigration(connection: pg.Client, file: MigrationFile): Promise<void> {
  const { rows } = await connection.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  try {
    await connection.query(file.sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Migration ${file.name} failed: ${reason}. Nothing was changed.`;
    throw new MigrationError('MIGRATION_SQL_FAILED', message, { cause: error });
  }
  await connection.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
    [randomUUID(), file.checksum, file.name, rows[0]?.now],
  );
}
