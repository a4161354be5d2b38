import type { MigrationFile } from './migration-files.js';

/** A row of `_prisma_migrations`. */
export interface MigrationRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
  rolled_back_at: Date | null;
}

/** Where a database stands against the migrations of this version. */
export type MigrationStatus =
  | { state: 'current' }
  /** Some of ours are not applied yet. */
  | { state: 'behind'; migrations: string[] }
  /** It has migrations that this version does not know: a newer version was here. */
  | { state: 'ahead'; migrations: string[] }
  /** Applied with another text than the one we carry. */
  | { state: 'edited'; migrations: string[] }
  /** Begun by another tool and not finished. */
  | { state: 'unfinished'; migrations: string[] };

/** Compares files and recorded rows; what forbids an automatic repair wins over what does not. */
export function compareHistory(files: readonly MigrationFile[], rows: readonly MigrationRow[]): MigrationStatus {
  const rowsThatCount = rows.filter((row) => row.rolled_back_at === null);
  const checksums = new Map(files.map((file) => [file.name, file.checksum]));
  const named = (wanted: (row: MigrationRow) => boolean) =>
    rowsThatCount.filter(wanted).map((row) => row.migration_name);

  const unfinished = named((row) => row.finished_at === null);
  if (unfinished.length > 0) return { state: 'unfinished', migrations: unfinished };
  const unknown = named((row) => !checksums.has(row.migration_name));
  if (unknown.length > 0) return { state: 'ahead', migrations: unknown };
  const edited = named((row) => checksums.get(row.migration_name) !== row.checksum);
  if (edited.length > 0) return { state: 'edited', migrations: edited };
  const applied = new Set(named(() => true));
  const missing = files.map((file) => file.name).filter((name) => !applied.has(name));
  return missing.length > 0 ? { state: 'behind', migrations: missing } : { state: 'current' };
}
