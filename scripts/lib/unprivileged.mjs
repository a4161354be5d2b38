import { spawnSync } from 'node:child_process';
import { chown, readFile } from 'node:fs/promises';

/** Above what distributions give to accounts and below what they keep for containers and `nobody`. */
const uidFirst = 61_001;

/** @typedef {{ uid: number, gid: number }} User */

/**
 * Ids that belong to no account: a process needs no entry in the system's list to run under one.
 * @param {number} count
 * @returns {Promise<User[] | undefined>} undefined when we are not root, and cannot become anybody else
 */
export async function spareUsers(count) {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = await readFile('/etc/passwd', 'utf8');
  const taken = new Set(accounts.split('\n').map((line) => Number(line.split(':')[2])));
  /** @type {User[]} */
  const users = [];
  for (let uid = uidFirst; users.length < count; uid++) if (!taken.has(uid)) users.push({ uid, gid: uid });
  return users;
}

/** @param {string} path @param {{ owner: number, group: number }} ids */
export const give = (path, { owner, group }) => chown(path, owner, group);

/**
 * Runs a line of JavaScript as somebody.
 * @param {string} code
 * @param {{ user: User, args?: readonly string[] }} options
 * @returns {string} what it printed, or why it could not run
 */
export function asUser(code, { user, args = [] }) {
  const { stdout, stderr, error } = spawnSync(process.execPath, ['-e', code, ...args], {
    ...user,
    cwd: '/',
    env: {},
    encoding: 'utf8',
  });
  return error ? error.message : `${stdout}${stderr}`.trim();
}
