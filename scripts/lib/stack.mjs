import { join } from 'node:path';
import { startEmbeddedDatabase } from './embedded-database.mjs';
import { afterDeath, keepRunning, restartWaitMs } from './keep-running.mjs';
import { findPorts } from './ports.mjs';
import { waitUntilReady } from './ready.mjs';
import { endWords, startServiceProcess } from './service-process.mjs';
import { planStack, portWishes, usableMemoryBytes, withoutEmpty } from './stack-plan.mjs';

/**
 * @typedef {object} Stack
 * @property {string} gatewayUrl
 * @property {boolean} isSeeded whether the demo jobs are there
 * @property {Promise<void>} ready resolves when every service was seen ready once
 * @property {Promise<string>} failed resolves with words when something died that everything rests on
 * @property {(names: readonly string[]) => Promise<void>} restart
 * @property {() => Promise<{ isClean: boolean }>} stop the gateway first, then its workers, then the database
 * @property {() => void} kill
 */

const slowStartMs = 30_000;

/**
 * Starts everything on this machine: the embedded database when DATABASE_URL is not set, the workers, the gateway.
 * @param {object} options
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.root
 * @param {(words: string) => void} options.say
 * @param {'give-up' | 'retry'} [options.onEarlyDeath] of a service that was never ready; `retry` waits for better code
 * @returns {Promise<Stack>}
 * @throws Error in words: ports in use, a database that does not start
 */
export async function startStack({ env, root, say, onEarlyDeath = 'give-up' }) {
  const settings = withoutEmpty(env);
  const ports = await findPorts(portWishes(settings));
  const plan = planStack({ env: settings, root, ports, memoryBytes: usableMemoryBytes() });

  const giveUp = new AbortController();
  /** @type {(words: string) => void} */
  let fail = () => {};
  /** @type {Promise<string>} */
  const failed = new Promise((done) => {
    fail = done;
  });
  /** @type {Set<string>} */
  const seenReady = new Set();

  /** @param {import('./services.mjs').Service} service @param {NodeJS.ProcessEnv} serviceEnv */
  const run = ({ name, role, entry }, serviceEnv) =>
    keepRunning({
      name,
      say,
      onGiveUp: fail,
      start: () => startServiceProcess({ entry: join(root, entry), env: serviceEnv, cwd: root }),
      decide: ({ deathsInARow }) =>
        onEarlyDeath === 'retry'
          ? { action: 'restart', waitMs: restartWaitMs(deathsInARow) }
          : afterDeath({ role, wasReady: seenReady.has(name), deathsInARow }),
    });

  const workers = plan.workers.map(({ service, env: workerEnv }) => run(service, workerEnv));
  let isStopping = false;
  /** @type {Awaited<ReturnType<typeof startEmbeddedDatabase>> | undefined} */
  let database;
  if (plan.embeddedDatabaseDir !== undefined) {
    try {
      database = await startEmbeddedDatabase({ dataDir: plan.dataDir, clusterDir: plan.embeddedDatabaseDir });
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.stop()));
      throw error;
    }
    void database.exited.then((end) => {
      if (!isStopping) fail(`The embedded database has ended unexpectedly (${endWords(end)}).`);
    });
  }
  const gateway = run(plan.gateway.service, plan.gateway.envWith(database?.databaseUrl ?? settings.DATABASE_URL ?? ''));
  const all = [gateway, ...workers];

  const waits = [plan.gateway, ...plan.workers].map(async ({ service, url }) => {
    await waitUntilReady(url, { signal: giveUp.signal });
    seenReady.add(service.name);
  });
  const slow = setInterval(() => {
    say(`Still waiting for ${all.flatMap(({ name }) => (seenReady.has(name) ? [] : [name])).join(', ')}.`);
  }, slowStartMs);
  const ready = Promise.all(waits).then(
    () => clearInterval(slow),
    // Stopped before it was ready: nobody is told.
    () => new Promise(() => clearInterval(slow)),
  );

  return {
    gatewayUrl: plan.gateway.url,
    isSeeded: plan.isSeeded,
    ready,
    failed,
    async restart(names) {
      await Promise.all(all.filter(({ name }) => names.includes(name)).map((each) => each.restart()));
    },
    async stop() {
      isStopping = true;
      giveUp.abort();
      const ends = [await gateway.stop(), ...(await Promise.all(workers.map((worker) => worker.stop())))];
      ends.push(await database?.stop());
      return { isClean: ends.every((end) => end === undefined || end.code === 0) };
    },
    kill() {
      isStopping = true;
      for (const each of all) each.kill();
      if (database) process.kill(database.pid, 'SIGKILL');
    },
  };
}
