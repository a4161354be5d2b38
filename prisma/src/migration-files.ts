import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface MigrationFile {
  /** `<timestamp>_<name>`, the folder's name. */
  name: string;
  sql: string;
  /** SHA-256 of the file's bytes, lower-case hex, as Prisma's CLI records it. */
  checksum: string;
}

export const migrationsDir = join(import.meta.dirname, '../migrations');

/** The migrations of this version in the order in which they apply. */
export async function readMigrationFiles(dir: string = migrationsDir): Promise<MigrationFile[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(dir, name, 'migration.sql'));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}
