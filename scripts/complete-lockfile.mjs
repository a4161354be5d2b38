// Adds the optional packages of other platforms to the lockfile. Where a registry lacks some of them npm leaves them out,
// and `npm ci` then refuses the lockfile everywhere.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const lockfile = join(import.meta.dirname, '..', 'package-lock.json');
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32'];

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lockfile
 */

/**
 * Optional packages that the lockfile asks for and does not hold.
 * @param {Lockfile} lock
 * @returns {[name: string, entry: LockEntry][]}
 */
export function missingOptionals({ packages }) {
  return Object.entries(packages).flatMap(([path, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages))
      .map(
        ([name, version]) => /** @type {[string, LockEntry]} */ ([`node_modules/${name}`, entryOf(name, version, dev)]),
      ),
  );
}

/**
 * What npm writes for a package that only one platform installs, told from its name.
 * @param {string} name @param {string} version @param {boolean | undefined} dev
 */
function entryOf(name, version, dev) {
  const words = (name.split('/').at(-1) ?? '').split('-');
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (!/^\d+\.\d+\.\d+/.test(version) || os.length + cpu.length === 0)
    throw new Error(`Cannot complete ${name}@${version}.`);
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(dev && { dev }),
    ...(os.includes('linux') && { libc: [name.includes('musl') ? 'musl' : 'glibc'] }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

if (process.argv[1] === import.meta.filename) {
  const lock = /** @type {Lockfile} */ (JSON.parse(await readFile(lockfile, 'utf8')));
  const missing = missingOptionals(lock);
  const { '': root, ...others } = { ...lock.packages, ...Object.fromEntries(missing) };
  const sorted = Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(lockfile, `${JSON.stringify({ ...lock, packages: { '': root, ...sorted } }, null, 2)}\n`);
  console.log(
    missing.length === 0 ? 'The lockfile is complete.' : `Added ${missing.map(([name]) => name).join(', ')}.`,
  );
}
