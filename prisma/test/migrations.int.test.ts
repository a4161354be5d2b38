import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createClient,
  type MigrationFile,
  type MigrationLogger,
  migrate,
  migrationStatus,
  type PrismaClient,
  readMigrationFiles,
} from '@lensgate/prisma';
import { type TestDatabase, testDatabase } from '@lensgate/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlToReachSchema } from '../scripts/schema-engine.mjs';

const quiet: MigrationLogger = { info: () => {} };

const aMigration = (name: string, sql: string): MigrationFile => ({
  name,
  sql,
  checksum: name.padEnd(64, '0').slice(0, 64),
});

describe(`migrations on ${testDatabase.name}`, () => {
  let database: TestDatabase;
  let client: PrismaClient;

  beforeAll(async () => {
    database = await testDatabase.open();
    client = createClient(database.databaseUrl, { connectionsMax: 2 });
  });
  beforeEach(async () => {
    await client.$executeRaw`DROP SCHEMA public CASCADE`;
    await client.$executeRaw`CREATE SCHEMA public`;
  });
  afterAll(async () => {
    await client.$disconnect();
    await database.close();
  });

  const tableExists = async (name: string) => {
    const rows = await client.$queryRaw<{ found: boolean }[]>`SELECT to_regclass(${name}) IS NOT NULL AS found`;
    return rows[0]?.found;
  };

  test('lead an empty database to exactly what schema.prisma says', async () => {
    await migrate(database.databaseUrl, { logger: quiet });
    expect(await sqlToReachSchema(database.databaseUrl)).toBe('');
    await client.$executeRaw`ALTER TABLE training_jobs DROP COLUMN dataset_path`;
    expect(await sqlToReachSchema(database.databaseUrl)).toContain('ADD COLUMN     "dataset_path" TEXT');
  });

  test('are applied once by five that start together', async () => {
    const names = (await readMigrationFiles()).map((file) => file.name);
    const starts = Array.from({ length: 5 }, () => migrate(database.databaseUrl, { logger: quiet }));
    const applied = (await Promise.all(starts)).map((result) => result.applied).filter((list) => list.length > 0);
    expect(applied).toEqual([names]);
    const rows = await client.$queryRaw<{ migration_name: string; finished: boolean; applied_steps_count: number }[]>`
      SELECT migration_name, finished_at >= started_at AS finished, applied_steps_count FROM _prisma_migrations`;
    expect(rows).toEqual(names.map((name) => ({ migration_name: name, finished: true, applied_steps_count: 1 })));
  });

  test('are reported as missing before and as current after, by URL and by client', async () => {
    const names = (await readMigrationFiles()).map((file) => file.name);
    for (const source of [database.databaseUrl, client]) {
      expect(await migrationStatus(source)).toEqual({ state: 'behind', migrations: names });
    }
    await migrate(database.databaseUrl, { logger: quiet });
    for (const source of [database.databaseUrl, client]) {
      expect(await migrationStatus(source)).toEqual({ state: 'current' });
    }
  });

  test('apply only what is missing, in order', async () => {
    const first = aMigration('1_a', 'CREATE TABLE a (id INT); CREATE TABLE b (id INT);');
    const second = aMigration('2_c', 'ALTER TABLE b ADD COLUMN c INT;');
    expect(await migrate(database.databaseUrl, { logger: quiet, files: [first] })).toEqual({ applied: ['1_a'] });
    expect(await migrate(database.databaseUrl, { logger: quiet, files: [first, second] })).toEqual({
      applied: ['2_c'],
    });
  });

  test('leave nothing behind when one of them fails', async () => {
    const files = [
      aMigration('1_good', 'CREATE TABLE good (id INT)'),
      aMigration('2_bad', 'CREATE TABLE bad (id NO_TYPE)'),
    ];
    await expect(migrate(database.databaseUrl, { logger: quiet, files })).rejects.toMatchObject({
      code: 'MIGRATION_SQL_FAILED',
      message: expect.stringContaining('2_bad'),
    });
    expect(await tableExists('good')).toBe(false);
    expect(await tableExists('_prisma_migrations')).toBe(false);
  });

  test('leave nothing behind when the process is killed between two of them', async () => {
    // The second migration's text is read after the first has run, and reading it is the end of the process.
    const program = `
      import { migrate } from '@lensgate/prisma';
      const first = { name: '1_a', sql: 'CREATE TABLE half_done (id INT)', checksum: 'a' };
      const second = { name: '2_b', checksum: 'b', get sql() { process.kill(process.pid, 'SIGKILL'); return ''; } };
      await migrate(process.env.DATABASE_URL, { logger: { info() {} }, files: [first, second] });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      env: { DATABASE_URL: database.databaseUrl },
      stdio: 'inherit',
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await tableExists('half_done')).toBe(false);
    await migrate(database.databaseUrl, { logger: quiet });
    expect(await migrationStatus(client)).toEqual({ state: 'current' });
  });

  test('refuse a database whose applied migration had another text', async () => {
    await migrate(database.databaseUrl, { logger: quiet });
    const [file] = await readMigrationFiles();
    await client.$executeRaw`UPDATE _prisma_migrations SET checksum = 'other' WHERE migration_name = ${file?.name}`;
    await expect(migrate(database.databaseUrl, { logger: quiet })).rejects.toMatchObject({
      code: 'MIGRATIONS_EDITED',
      message: expect.stringContaining(file!.name),
    });
    expect(await migrationStatus(client)).toEqual({ state: 'edited', migrations: [file?.name] });
  });

  test('refuse a database that a newer version has migrated', async () => {
    const files = [
      ...(await readMigrationFiles()),
      aMigration('99991231235959_future', 'CREATE TABLE future (id INT)'),
    ];
    await migrate(database.databaseUrl, { logger: quiet, files });
    await expect(migrate(database.databaseUrl, { logger: quiet })).rejects.toMatchObject({
      code: 'MIGRATIONS_AHEAD',
      message: expect.stringContaining('99991231235959_future'),
    });
    expect(await migrationStatus(client)).toEqual({ state: 'ahead', migrations: ['99991231235959_future'] });
  });
});
