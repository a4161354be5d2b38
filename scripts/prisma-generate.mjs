import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = dirname(import.meta.dirname);
const schemaFile = join(root, 'prisma/schema.prisma');
const stampFile = join(root, 'prisma/src/generated/.stamp');

/** What the generated client depends on: the schema and the generator's version. */
async function stampOfSources() {
  const generatorManifest = createRequire(import.meta.url).resolve('prisma/package.json');
  const { version } = JSON.parse(await readFile(generatorManifest, 'utf8'));
  const digest = createHash('sha256').update(await readFile(schemaFile));
  return {
    cli: join(dirname(generatorManifest), 'build/index.js'),
    stamp: `prisma ${version} ${digest.digest('hex')}\n`,
  };
}

/**
 * Generates the Prisma client into prisma/src/generated when it is missing or older than the schema or the generator.
 * Needs no network.
 * @returns {Promise<{generated: boolean}>} whether anything was written
 */
export async function generatePrismaClient() {
  const { cli, stamp } = await stampOfSources();
  const stampThere = await readFile(stampFile, 'utf8').catch(() => '');
  if (stampThere === stamp) return { generated: false };
  const env = {
    ...process.env,
    // The generator downloads a schema engine that it never runs, unless it is told of a file that exists.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  };
  await promisify(execFile)(process.execPath, [cli, 'generate', '--no-hints', '--schema', schemaFile], {
    cwd: root,
    env,
  });
  await writeFile(stampFile, stamp);
  return { generated: true };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { generated } = await generatePrismaClient();
  console.log(generated ? 'Prisma client generated.' : 'Prisma client is up to date.');
}
