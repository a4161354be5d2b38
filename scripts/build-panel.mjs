import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = dirname(import.meta.dirname);
const panelDir = join(root, 'apps/web');
/** The panel, and the packages of ours that it imports. */
const bundledFolders = [panelDir, join(root, 'packages/contracts'), join(root, 'packages/vision')];
const stampFile = join(panelDir, 'dist/.stamp');
const requireOfPanel = createRequire(join(panelDir, 'package.json'));

/** Names and contents of everything that the build reads, and the versions of what it bundles. */
async function stampOfSources() {
  const digest = createHash('sha256');
  for (const folder of bundledFolders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .filter((path) => !/^(dist|node_modules)\/|[.](test[.]ts|tsbuildinfo)$/.test(path))
      .sort();
    for (const file of files) {
      const bytes = await readFile(join(folder, file));
      digest.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
  }
  for (const name of ['vite', 'react', 'react-dom']) {
    const { version } = JSON.parse(await readFile(requireOfPanel.resolve(`${name}/package.json`), 'utf8'));
    digest.update(`${name} ${version}\0`);
  }
  return `${digest.digest('hex')}\n`;
}

/**
 * Builds the panel into apps/web/dist when it is missing or other than its sources. Needs no network.
 * @returns {Promise<{built: boolean}>} whether anything was written
 */
export async function buildPanel() {
  const stamp = await stampOfSources();
  const stampThere = await readFile(stampFile, 'utf8').catch(() => '');
  if (stampThere === stamp) return { built: false };
  const vite = join(dirname(requireOfPanel.resolve('vite/package.json')), 'bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: panelDir });
  await writeFile(stampFile, stamp);
  return { built: true };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { built } = await buildPanel();
  console.log(built ? 'Panel built.' : 'Panel is up to date.');
}
