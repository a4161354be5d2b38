/**
 * `node scripts/separate-services.mjs [command…]`: does what docker-compose.yml and the railway.json files say, without
 * a container engine. Each service's production files go into a folder of its own; each runs as a Unix user of its own
 * that cannot read the others' folders, with the variables of a deployment and no others, and shares nothing with them
 * but HTTP and PostgreSQL. Then the command runs with GATEWAY_URL set (default: scripts/acceptance-smoke.mjs), and its
 * exit code is ours. Everything is stopped and removed, whatever happens.
 *
 * Needs TEST_DATABASE_URL, which `scripts/with-postgres.sh node scripts/separate-services.mjs` sets.
 * Only root can start processes of other users: for anybody else all run as that user, and that is said.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPorts } from './lib/ports.mjs';
import { prepare } from './lib/prepare.mjs';
import { waitUntilReady } from './lib/ready.mjs';
import { endWords, startServiceProcess } from './lib/service-process.mjs';
import { gateway, root, services, workers } from './lib/services.mjs';
import { asUser, give, spareUsers } from './lib/unprivileged.mjs';

/** @typedef {import('./lib/services.mjs').Service} Service */

const readyMsMax = 60_000;
const logTailBytes = 8_000;

const databaseServerUrl = process.env.TEST_DATABASE_URL;
if (!databaseServerUrl) {
  process.stderr.write(
    'TEST_DATABASE_URL is not set. Run: scripts/with-postgres.sh node scripts/separate-services.mjs\n',
  );
  process.exit(2);
}
const given = process.argv.slice(2);
const [command = process.execPath, ...commandArgs] =
  given.length > 0 ? given : [process.execPath, join(root, 'scripts/acceptance-smoke.mjs')];

/** What to undo, last thing first. @type {(() => Promise<unknown>)[]} */
const undo = [];
/** @type {Promise<void> | undefined} */
let undoing;
async function undoAll() {
  for (let step = undo.pop(); step; step = undo.pop()) {
    await step().catch((error) => process.stderr.write(`While cleaning up: ${error}\n`));
  }
}
/** @param {number} code */
async function finish(code) {
  undoing ??= undoAll();
  await undoing;
  process.exit(code);
}
for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])) {
  process.on(signal, () => void finish(code));
}

/** @param {string} serverUrl @returns {Promise<string>} the URL of a new, empty database */
async function makeDatabase(serverUrl) {
  const { createClient } = await import('@lensgate/prisma');
  const name = `lensgate_separate_${randomBytes(6).toString('hex')}`;
  const onServer = async (/** @type {string} */ sql) => {
    const client = createClient(serverUrl, { connectionsMax: 1 });
    try {
      await client.$executeRawUnsafe(sql);
    } finally {
      await client.$disconnect();
    }
  };
  await onServer(`CREATE DATABASE ${name}`);
  undo.push(() => onServer(`DROP DATABASE ${name} WITH (FORCE)`));
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
}

/** @param {Service} service @param {string} home */
async function install({ name }, home) {
  const script = join(root, 'scripts/install-service.mjs');
  const { status } = spawnSync(process.execPath, [script, name, join(home, 'app')], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name} could not be installed.`);
}

/** Code belongs to root, data to the service, and nobody else sees either.
 * @param {string} home @param {import('./lib/unprivileged.mjs').User} user */
async function closeOff(home, { uid, gid }) {
  await give(home, { owner: 0, group: gid });
  await chmod(home, 0o750);
  await give(join(home, 'data'), { owner: uid, group: gid });
}

const tryTo = (/** @type {string} */ what) =>
  `try { require('node:fs').${what}; console.log('allowed') } catch (error) { console.log(error.code) }`;

/**
 * @param {readonly { service: Service, home: string, user: import('./lib/unprivileged.mjs').User }[]} places
 * @throws Error when a service could read another's files or change its own code
 */
function checkWalls(places) {
  for (const { service, home, user } of places) {
    const own = asUser(tryTo('readdirSync(process.argv[1])'), { user, args: [join(home, 'app')] });
    if (own !== 'allowed') throw new Error(`${service.name} cannot run as user ${user.uid}: ${own}`);
    const code = asUser(tryTo('writeFileSync(process.argv[1], "")'), { user, args: [join(home, 'app/package.json')] });
    if (code !== 'EACCES') throw new Error(`${service.name} could change its own code: ${code}`);
    for (const other of places) {
      if (other.home === home) continue;
      const seen = asUser(tryTo('readdirSync(process.argv[1])'), { user, args: [other.home] });
      if (seen !== 'EACCES') throw new Error(`${service.name} could read the files of ${other.service.name}: ${seen}`);
    }
  }
  console.log('No service can read the files of another, or change its own code.');
}

/** @param {string} path */
async function tailOf(path) {
  const log = await readFile(path, 'utf8').catch(() => '');
  const lines = log.split('\n').filter((line) => !line.includes('"route":"/ready"'));
  return lines.join('\n').slice(-logTailBytes);
}

async function main() {
  prepare();
  const base = await mkdtemp(join(tmpdir(), 'lensgate-separate-'));
  undo.push(() => rm(base, { recursive: true, force: true }));
  await chmod(base, 0o711);

  const users = await spareUsers(services.length);
  if (!users) console.log('Not root: all services run as this user, and their folders are not closed to each other.');
  const places = services.map((service, index) => ({ service, home: join(base, service.name), user: users?.[index] }));
  for (const { service, home, user } of places) {
    await mkdir(join(home, 'data'), { recursive: true, mode: 0o700 });
    await install(service, home);
    if (user) await closeOff(home, user);
  }
  checkWalls(places.flatMap(({ service, home, user }) => (user ? [{ service, home, user }] : [])));

  const databaseUrl = await makeDatabase(/** @type {string} */ (databaseServerUrl));
  const host = '127.0.0.1';
  const ports = await findPorts(services.map(({ name }) => ({ name, variable: 'PORT', host, port: 0 })));
  const urlOf = new Map(services.map(({ name }, index) => [name, `http://${host}:${ports[index]}`]));
  const workerToken = randomBytes(24).toString('base64url');
  const workerUrls = Object.fromEntries(workers.map(({ name, urlVariable }) => [urlVariable, urlOf.get(name) ?? '']));

  /** @type {Promise<never>[]} */
  const deaths = [];
  for (const [index, { service, home, user }] of places.entries()) {
    const log = openSync(join(home, 'log'), 'a');
    const started = startServiceProcess({
      entry: join(home, 'app', service.entry),
      cwd: join(home, 'data'),
      output: log,
      ...(user ? { user } : {}),
      env: {
        PATH: process.env.PATH,
        HOME: join(home, 'data'),
        TMPDIR: join(home, 'data'),
        NODE_ENV: 'production',
        HOST: host,
        PORT: String(ports[index]),
        DATA_DIR: join(home, 'data'),
        MODELS_DIR: join(home, 'app/models'),
        WORKER_TOKEN: workerToken,
        ...(service === gateway
          ? {
              DATABASE_URL: databaseUrl,
              SEED_DEMO: '1',
              ...workerUrls,
              TRAINING_SERVICE_URL: workerUrls.TIMM_SERVICE_URL,
            }
          : {}),
      },
    });
    closeSync(log);
    undo.push(async () => {
      const end = await started.stop();
      if (end.code !== 0) process.stderr.write(`${service.name} did not drain cleanly: ${endWords(end)}\n`);
    });
    deaths.push(
      started.ended.then(async (end) => {
        throw new Error(`${service.name} ended (${endWords(end)}):\n${await tailOf(join(home, 'log'))}`);
      }),
    );
  }
  const died = Promise.race(deaths);
  died.catch(() => {});
  const signal = AbortSignal.timeout(readyMsMax);
  const allReady = Promise.all(
    places.map(({ service, home }) =>
      waitUntilReady(urlOf.get(service.name) ?? '', { signal }).catch(async () => {
        throw new Error(
          `${service.name} was not ready after ${readyMsMax / 1_000} s:\n${await tailOf(join(home, 'log'))}`,
        );
      }),
    ),
  );
  await Promise.race([died, allReady]);
  console.log(`All services are ready, each ${users ? 'as a user of its own' : 'as this user'}.`);

  const child = spawn(command, commandArgs, {
    stdio: 'inherit',
    cwd: root,
    env: { ...process.env, GATEWAY_URL: urlOf.get(gateway.name) },
  });
  undo.push(async () => void child.kill('SIGTERM'));
  const code = await Promise.race([
    died,
    new Promise((done, failed) => child.once('exit', (exitCode) => done(exitCode ?? 1)).once('error', failed)),
  ]);
  if (code !== 0) {
    for (const { service, home } of places) {
      process.stderr.write(`--- the log of ${service.name} ends with:\n${await tailOf(join(home, 'log'))}\n`);
    }
  }
  return code;
}

await main().then(
  (code) => finish(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return finish(1);
  },
);
