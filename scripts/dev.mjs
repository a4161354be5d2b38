/**
 * `npm run dev`: `npm start` that compiles what you change and starts the services again that use it. A service that
 * cannot start waits for better code. The panel's own server is `npm run dev -w @lensgate/web`.
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { buildSimd } from './build-simd.mjs';
import { prepare, readEnvFile } from './lib/prepare.mjs';
import { readJson } from './lib/production-files.mjs';
import { neededPackages, workspacesAmong } from './lib/production-lock.mjs';
import { root, services } from './lib/services.mjs';
import { startStack } from './lib/stack.mjs';
import { untilStopped } from './lib/until-stopped.mjs';

/** A build writes many files: the services wait until it has been quiet for this long. */
const quietMs = 400;

/** @param {string} words */
const say = (words) => void process.stdout.write(`${words}\n`);

/** Which services to start again when a workspace's compiled code changes. */
async function usersOfWorkspaces() {
  const { packages } = await readJson(join(root, 'package-lock.json'));
  /** @type {Map<string, string[]>} */
  const users = new Map();
  for (const { name, workspace } of services) {
    for (const used of workspacesAmong(neededPackages(packages, workspace))) {
      users.set(used, [...(users.get(used) ?? []), name]);
    }
  }
  return users;
}

readEnvFile();
prepare();
// Nobody waits for a drain between two edits.
const env = { DRAIN_TIMEOUT_MS: '1000', ...process.env };
const compiler = spawn(
  process.execPath,
  [join(root, 'node_modules/typescript-7/bin/tsc'), '-b', '--watch', '--preserveWatchOutput'],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
const stack = await startStack({ env, root, say, onEarlyDeath: 'retry' }).catch((error) => {
  process.stderr.write(`Lensgate cannot start. ${error instanceof Error ? error.message : error}\n`);
  compiler.kill();
  process.exit(1);
});
void stack.ready.then(() => say(`\nLensgate is ready at ${stack.gatewayUrl}.\n`));

/** @type {Set<string>} */
const stale = new Set();
/** @type {NodeJS.Timeout | undefined} */
let quiet;
for (const [workspace, names] of await usersOfWorkspaces()) {
  watch(join(root, workspace, 'dist'), { recursive: true }, (_event, file) => {
    if (!file?.endsWith('.js')) return;
    for (const name of names) stale.add(name);
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const restarting = [...stale];
      stale.clear();
      say(`Starting again: ${restarting.join(', ')}.`);
      void stack.restart(restarting);
    }, quietMs);
  });
}

/** @type {NodeJS.Timeout | undefined} */
let quietKernels;
// They become a source of the compiler's, which sees that by itself.
watch(join(root, 'packages/vision/simd'), () => {
  clearTimeout(quietKernels);
  quietKernels = setTimeout(() => void buildSimd().catch(({ message }) => say(message)), quietMs);
});

const stopped = untilStopped({
  onInsist: () => {
    stack.kill();
    process.exit(1);
  },
});
await Promise.race([stopped, stack.failed.then(say)]);
clearTimeout(quiet);
clearTimeout(quietKernels);
compiler.kill();
const { isClean } = await stack.stop();
process.exit(isClean ? 0 : 1);
