/**
 * @typedef {object} LockEntry of package-lock.json, version 3
 * @property {string} [name]
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {boolean} [link]
 * @property {string[]} [workspaces]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 *
 * @typedef {object} Lock
 * @property {string} name
 * @property {string} version
 * @property {number} lockfileVersion
 * @property {boolean} [requires]
 * @property {Record<string, LockEntry>} packages
 */

/**
 * What a package needs at run time. A peer that is optional is not followed: `@prisma/client` would bring the Prisma
 * command line, which only building needs.
 * @param {LockEntry} entry
 */
function needsOf({ dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/**
 * Where Node would find a package, from a package's own folder upwards.
 * @param {Lock['packages']} packages
 * @param {string} from key of the package that asks
 * @param {string} name
 */
function find(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const key = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[key]) return key;
    if (folder === '') return undefined;
  }
}

/**
 * Keys of everything that a workspace needs at run time, links and the workspaces behind them included.
 * @param {Lock['packages']} packages
 * @param {string} workspace folder, such as `apps/gateway`
 * @returns {Set<string>}
 */
export function neededPackages(packages, workspace) {
  const link = Object.keys(packages).find((key) => packages[key]?.link && packages[key].resolved === workspace);
  if (!link) throw new Error(`${workspace} is not a workspace of the lockfile.`);
  const needed = new Set([link]);
  for (const key of needed) {
    const entry = packages[key];
    if (!entry) throw new Error(`${key} is not in the lockfile.`);
    if (entry.link && entry.resolved) {
      needed.add(entry.resolved);
      continue;
    }
    for (const name of needsOf(entry)) {
      const found = find(packages, key, name);
      // What is optional may be missing; `npm ci` says whether anything else is.
      if (found) needed.add(found);
    }
  }
  return needed;
}

/** @param {Iterable<string>} keys @returns {string[]} folders of workspaces among them */
export const workspacesAmong = (keys) => [...keys].filter((key) => !key.includes('node_modules/')).sort();

/**
 * The lockfile and manifest of a folder that holds one workspace, those of ours that it needs, and their production
 * packages, all at the versions of the whole repository.
 * @param {Lock} lock
 * @param {Record<string, unknown>} manifest the root's package.json
 * @param {string} workspace
 */
export function productionOf(lock, manifest, workspace) {
  const needed = neededPackages(lock.packages, workspace);
  const workspaces = workspacesAmong(needed);
  const { name, version, license, type, engines, overrides } = manifest;
  const root = { name, version, private: true, license, type, engines, workspaces };
  const packages = Object.fromEntries(
    [...needed].sort().map((key) => {
      // Marks that say whom a package is for; here everything is for production.
      const { dev, devOptional, peer, ...entry } = /** @type {Record<string, unknown>} */ (lock.packages[key]);
      if (!workspaces.includes(key)) return [key, entry];
      const { devDependencies, ...workspaceEntry } = entry;
      return [key, workspaceEntry];
    }),
  );
  return {
    workspaces,
    manifest: { ...root, ...(overrides === undefined ? {} : { overrides }) },
    lock: { ...lock, packages: { '': root, ...packages } },
  };
}
