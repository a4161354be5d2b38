import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';

const packageDir = fileURLToPath(new URL('..', import.meta.url));
export const schemaFile = join(packageDir, 'schema.prisma');

/** Loads Prisma's schema engine by hand: its entry imports a `.wasm` file, which Node does not do without a flag. */
async function loadOnce() {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(join(entry, '../schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  const exports = /** @type {WebAssembly.Exports & { __wbindgen_start(): void }} */ (instance.exports);
  bindings.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  return bindings.SchemaEngine;
}

/** @type {ReturnType<typeof loadOnce> | undefined} */
let loading;
/** The bindings are bound to one instance: a second one would read the first one's memory. */
function loadSchemaEngine() {
  loading ??= loadOnce();
  return loading;
}

/** What the engine writes when there is nothing to do. */
const EMPTY_MIGRATION = '-- This is an empty migration.';

const CATALOG_CHAR = 18;
const TEXT = 25;

/**
 * The catalogue's one-byte `"char"` is the only type the engine reads that the adapter does not know.
 * @param {any} adapter a connected PrismaPg, its private `performIO` included
 */
function withCatalogChar(adapter) {
  const queryRaw = adapter.queryRaw;
  adapter.queryRaw = async (/** @type {unknown} */ query) => {
    /** @type {number[]} */
    const charColumns = [];
    const view = Object.create(adapter);
    view.performIO = async (/** @type {unknown} */ sameQuery) => {
      const result = await adapter.performIO(sameQuery);
      for (const [index, field] of result.fields.entries()) {
        if (field.dataTypeID !== CATALOG_CHAR) continue;
        field.dataTypeID = TEXT;
        charColumns.push(index);
      }
      return result;
    };
    const resultSet = await queryRaw.call(view, query);
    for (const index of charColumns) resultSet.columnTypes[index] = ColumnTypeEnum.Character;
    return resultSet;
  };
  return adapter;
}

/**
 * The SQL that would bring a database to the state of schema.prisma; empty when it is there already.
 * @param {string} databaseUrl a PostgreSQL that holds nothing but our tables
 * @returns {Promise<string>}
 */
export async function sqlToReachSchema(databaseUrl) {
  const SchemaEngine = await loadSchemaEngine();
  const schema = { path: schemaFile, content: await readFile(schemaFile, 'utf8') };
  const factory = new PrismaPg({ connectionString: databaseUrl, max: 1 });
  const adapter = withCatalogChar(await factory.connect());
  try {
    const connected = { ...factory, connect: async () => adapter, connectToShadowDb: async () => adapter };
    const boundFactory = bindMigrationAwareSqlAdapterFactory(connected);
    const engine = await SchemaEngine.new({ datamodels: [[schema.path, schema.content]] }, () => {}, boundFactory);
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files: [schema], configDir: packageDir },
      to: { tag: 'schemaDatamodel', files: [schema] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    const sql = (stdout ?? '').trim();
    return sql === EMPTY_MIGRATION ? '' : sql;
  } finally {
    await adapter.dispose();
  }
}
