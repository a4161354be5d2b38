import { expect, test } from 'vitest';
import { compareHistory, type MigrationRow } from './migration-history.js';

const files = ['1_a', '2_b'].map((name) => ({ name, sql: '', checksum: `sum of ${name}` }));
const aRow = (name: string, fields: Partial<MigrationRow> = {}): MigrationRow => ({
  migration_name: name,
  checksum: `sum of ${name}`,
  finished_at: new Date(0),
  rolled_back_at: null,
  ...fields,
});

test('a history without rows lacks every migration, and one with all of them is current', () => {
  expect(compareHistory(files, [])).toEqual({ state: 'behind', migrations: ['1_a', '2_b'] });
  expect(compareHistory(files, [aRow('1_a'), aRow('2_b')])).toEqual({ state: 'current' });
});

test('a migration that was skipped is missing even when a later one is there', () => {
  expect(compareHistory(files, [aRow('2_b')])).toEqual({ state: 'behind', migrations: ['1_a'] });
});

test('a row that was rolled back does not count', () => {
  const rolledBack = aRow('2_b', { rolled_back_at: new Date(0), finished_at: null, checksum: 'other' });
  expect(compareHistory(files, [aRow('1_a'), rolledBack])).toEqual({ state: 'behind', migrations: ['2_b'] });
});

test('unfinished wins over unknown, unknown over edited, edited over missing', () => {
  const edited = aRow('1_a', { checksum: 'other' });
  const unknown = aRow('3_c');
  const unfinished = aRow('2_b', { finished_at: null });
  expect(compareHistory(files, [edited])).toEqual({ state: 'edited', migrations: ['1_a'] });
  expect(compareHistory(files, [edited, unknown])).toEqual({ state: 'ahead', migrations: ['3_c'] });
  expect(compareHistory(files, [edited, unknown, unfinished])).toEqual({ state: 'unfinished', migrations: ['2_b'] });
});
