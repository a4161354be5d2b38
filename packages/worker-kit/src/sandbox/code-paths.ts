import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const Manifest = z.object({
  files: z.array(z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

/** The one place that libraries read outside of the packages, to tell the C library's kind; without it they run a program. */
const libcKindPath = '/usr/bin/ldd';

/**
 * Files and folders that a process needs to load these modules: them, what their packages publish, the folders of
 * modules above, and what packages that are only linked there (the workspaces of a repository) publish.
 * @returns real paths: Node resolves links before it loads
 */
export function codePaths(entries: readonly URL[]): string[] {
  const paths = new Set<string>(existsSync(libcKindPath) ? [libcKindPath] : []);
  const packages = new Set<string>();
  for (const entry of entries) {
    const file = realpathSync(fileURLToPath(entry));
    paths.add(file);
    const folder = ancestors(dirname(file)).find((each) => existsSync(join(each, 'package.json')));
    if (folder !== undefined) addPackage(folder, { paths, packages });
  }
  return [...paths];
}

function addPackage(folder: string, found: { paths: Set<string>; packages: Set<string> }): void {
  if (found.packages.has(folder)) return;
  found.packages.add(folder);
  const manifestPath = join(folder, 'package.json');
  const { files, dependencies } = Manifest.parse(JSON.parse(readFileSync(manifestPath, 'utf8')));
  for (const path of files ? [manifestPath, ...files.map((file) => join(folder, file))] : [folder]) {
    if (existsSync(path)) found.paths.add(path);
  }
  const moduleFolders = ancestors(folder)
    .map((each) => join(each, 'node_modules'))
    .filter((each) => existsSync(each));
  for (const each of moduleFolders) found.paths.add(each).add(realpathSync(each));
  for (const name of Object.keys(dependencies)) {
    const link = moduleFolders.map((each) => join(each, name)).find((each) => existsSync(each));
    if (link === undefined) continue;
    const real = realpathSync(link);
    if (![...found.paths].some((path) => real.startsWith(path + sep))) addPackage(real, found);
  }
}

/** A folder and all above it, nearest first. */
function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}
