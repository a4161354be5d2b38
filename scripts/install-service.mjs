/**
 * `node scripts/install-service.mjs <service> <folder>`: puts what one service needs in production, and nothing else,
 * into an empty folder: compiled code, production packages at the lockfile's versions, its models. The repository must
 * be built (`npm run build`). Images and the script that tries the services apart are both made with it.
 *
 * In that folder the service runs as `node apps/<service>/dist/main.js`.
 */
import { spawnSync } from 'node:child_process';
import { copyFile, cp, mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  copyModels,
  copyWorkspaceFiles,
  copyWorkspaceManifest,
  folderBytes,
  readJson,
  removeForeignBinaries,
  writeJson,
} from './lib/production-files.mjs';
import { productionOf } from './lib/production-lock.mjs';
import { root, serviceNamed } from './lib/services.mjs';

const [name, target] = process.argv.slice(2);
if (name === undefined || target === undefined) {
  process.stderr.write('Usage: node scripts/install-service.mjs <service> <empty folder>\n');
  process.exit(2);
}
const service = serviceNamed(name);
const folder = resolve(target);
await mkdir(folder, { recursive: true });
if ((await readdir(folder)).length > 0) {
  process.stderr.write(`${folder} is not empty.\n`);
  process.exit(2);
}

const production = productionOf(
  await readJson(join(root, 'package-lock.json')),
  await readJson(join(root, 'package.json')),
  service.workspace,
);
await writeJson(join(folder, 'package.json'), production.manifest);
await writeJson(join(folder, 'package-lock.json'), production.lock);
await copyFile(join(root, '.npmrc'), join(folder, '.npmrc'));
for (const workspace of production.workspaces) await copyWorkspaceManifest({ root, workspace, folder });

const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: folder,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

await removeForeignBinaries(folder);
for (const workspace of production.workspaces) await copyWorkspaceFiles({ root, workspace, folder });
for (const path of service.folders) await cp(join(root, path), join(folder, path), { recursive: true });
await copyModels({ from: join(root, 'models'), to: join(folder, 'models'), framework: service.framework });
console.log(`${service.name}: ${Math.round((await folderBytes(folder)) / 2 ** 20)} MiB in ${folder}`);
