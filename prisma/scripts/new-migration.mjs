/**
 * Writes the migration that leads from the migrations there are to schema.prisma:
 * `npm run migration:new -w @lensgate/prisma -- <name>`. The package must be built.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, migrationsDir, startEmbeddedPostgres } from '@lensgate/prisma';
import { sqlToReachSchema } from './schema-engine.mjs';

const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write('Usage: npm run migration:new -w @lensgate/prisma -- name_in_snake_case\n');
  process.exit(2);
}

const scratchDir = await mkdtemp(join(tmpdir(), 'lensgate-'));
const database = await startEmbeddedPostgres({ dataDir: join(scratchDir, 'data'), socketDir: scratchDir });
try {
  await migrate(database.databaseUrl, { logger: { info: () => {} } });
  const sql = await sqlToReachSchema(database.databaseUrl);
  if (sql === '') {
    process.stdout.write('The migrations lead to schema.prisma already.\n');
  } else {
    const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const dir = join(migrationsDir, `${timestamp}_${name}`);
    await mkdir(dir);
    await writeFile(join(dir, 'migration.sql'), `${sql}\n`);
    process.stdout.write(`Wrote ${join(dir, 'migration.sql')}. Read it before you commit it.\n`);
  }
} finally {
  await database.stop();
  await rm(scratchDir, { recursive: true, force: true });
}
