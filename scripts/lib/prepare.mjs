import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { root } from './services.mjs';

/** Brings the Prisma client and the compiled code up to date, or ends this process with what is wrong. */
export function prepare() {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/prepare.mjs')], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** Reads `.env` where there is one; variables that are set already win. */
export function readEnvFile() {
  try {
    loadEnvFile(join(root, '.env'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
}
