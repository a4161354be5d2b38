import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeConnections, rootDir, seededRandom, startGateway, waitFor } from '@lensgate/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { report } from './report.js';
import { scale } from './scale.js';
import { gatewayEnvFor, startPostgres, type TestPostgres } from './world.js';

const random = seededRandom(scale.seed);
const env = gatewayEnvFor('http://127.0.0.1:9');
afterAll(closeConnections);

/** A start that is not waited for: it may be struck at any moment of it. */
async function beginStart(databaseUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-begun-'));
  const child = spawn(process.execPath, [join(rootDir, 'apps/gateway/dist/main.js')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {
      PATH: process.env.PATH ?? '',
      PORT: '0',
      EXIT_WITH_PARENT: '1',
      DATABASE_URL: databaseUrl,
      DATA_DIR: join(folder, 'data'),
      TMPDIR: folder,
      HOME: folder,
      ...env,
    },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    kill: () => child.kill('SIGKILL'),
    async end() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** How long a start takes that nobody disturbs. */
async function startMs(): Promise<number> {
  const database = await startPostgres();
  const startedAtMs = performance.now();
  const gateway = await startGateway({ databaseUrl: database.databaseUrl, env });
  const took = performance.now() - startedAtMs;
  await gateway.close();
  await database.close();
  return took;
}

async function serves(database: TestPostgres): Promise<void> {
  const gateway = await startGateway({ databaseUrl: database.databaseUrl, env });
  try {
    const { status, body } = await gateway.job(20);
    expect([status, body.id]).toEqual([200, 20]);
    const made = await gateway.createJob();
    expect(made.status).toBe(201);
  } finally {
    await gateway.close();
  }
}

describe('a first start on an empty database, struck at a random moment of it', () => {
  test.each([
    ['SIGKILL of the gateway', async (start: { kill(): unknown }) => void start.kill()],
    [
      'SIGKILL of the database',
      async (_: unknown, database: TestPostgres) => {
        await database.kill9();
        await database.again();
      },
    ],
  ] as const)('by %s: the next start migrates and serves', async (name, strike) => {
    const wholeMs = await startMs();
    const database = await startPostgres();
    for (let round = 0; round < scale.rounds; round++) {
      const start = await beginStart(database.databaseUrl);
      await sleep(random.below(wholeMs));
      await strike(start, database);
      await start.end();
    }
    await waitFor(() => serves(database).then(() => true), { what: 'a start that serves' });
    await database.close();
    report({
      part: 'kills',
      fault: `${name} during migrations and seeding`,
      how: 'at random moments of a first start, one struck start after the other on the same database',
      times: scale.rounds,
      outcome: 'the next start migrates, seeds and serves',
    });
  });
});
