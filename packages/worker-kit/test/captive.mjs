/**
 * Stands where a child stands, started as children are, and tries what no child may do. Prints one JSON object: what
 * each attempt came to, `done` or an error's code. Then it waits for its pipe to close, so that it can be looked at.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, Socket } from 'node:net';

const { port, secretFile, modelFile, newFile, parentPid } = JSON.parse(process.argv.at(-1) ?? '{}');

const attempt = (what) => {
  try {
    what();
    return 'done';
  } catch (error) {
    return error.code ?? error.message;
  }
};

const connected = await new Promise((resolve) => {
  connect({ host: '127.0.0.1', port })
    .on('connect', () => resolve('done'))
    .on('error', ({ code }) => resolve(code));
});
const attempts = {
  connect: connected,
  readModel: attempt(() => readFileSync(modelFile)),
  readSecret: attempt(() => readFileSync(secretFile)),
  listSystem: attempt(() => readdirSync('/etc')),
  readParent: attempt(() => readFileSync(`/proc/${parentPid}/environ`)),
  write: attempt(() => writeFileSync(newFile, 'a byte or two')),
  remove: attempt(() => rmSync(modelFile)),
  spawn: attempt(() => {
    const { error } = spawnSync(process.execPath, ['--version']);
    if (error) throw error;
  }),
};
process.stdout.write(`${JSON.stringify({ attempts, environment: process.env })}\n`);
new Socket({ fd: 4 }).resume().on('close', () => process.exit(0));
