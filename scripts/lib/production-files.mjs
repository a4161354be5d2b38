import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a process reads at run time; types, maps and notes of the compiler stay behind. */
const isForRunning = (/** @type {string} */ path) => !/(\.d\.[mc]?ts|\.map|\.tsbuildinfo)$/.test(path);

/** @param {string} path @returns {Promise<any>} */
export const readJson = async (path) => JSON.parse(await readFile(path, 'utf8'));

/** @param {string} path @param {unknown} value */
export const writeJson = (path, value) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

/**
 * Copies what a workspace publishes (`files` in its package.json) and its manifest without what only building needs.
 * @param {{ root: string, workspace: string, folder: string }} options
 */
export async function copyWorkspaceManifest({ root, workspace, folder }) {
  const { devDependencies, scripts, ...manifest } = await readJson(join(root, workspace, 'package.json'));
  await mkdir(join(folder, workspace), { recursive: true });
  await writeJson(join(folder, workspace, 'package.json'), manifest);
}

/** @param {{ root: string, workspace: string, folder: string }} options */
export async function copyWorkspaceFiles({ root, workspace, folder }) {
  const { files = [] } = await readJson(join(root, workspace, 'package.json'));
  for (const file of files) {
    await cp(join(root, workspace, file), join(folder, workspace, file), { recursive: true, filter: isForRunning });
  }
}

/**
 * Copies the list of built-in models and the files of one framework, or of all.
 * @param {{ from: string, to: string, framework: string | undefined }} options
 */
export async function copyModels({ from, to, framework }) {
  const list = await readJson(join(from, 'models.json'));
  const models = list.models.filter(
    (/** @type {{ framework: string }} */ model) => framework === undefined || model.framework === framework,
  );
  await mkdir(to, { recursive: true });
  await writeJson(join(to, 'models.json'), { ...list, models });
  for (const { file } of models) await cp(join(from, file), join(to, file));
}

/**
 * ONNX Runtime's package carries the binaries of every system, 220 MB of which no process here can load.
 * @param {string} folder
 */
export async function removeForeignBinaries(folder) {
  const bin = join(folder, 'node_modules/onnxruntime-node/bin');
  const versions = await readdir(bin).catch(() => []);
  for (const version of versions) {
    for (const platform of await readdir(join(bin, version))) {
      if (platform !== process.platform) {
        await rm(join(bin, version, platform), { recursive: true });
        continue;
      }
      for (const arch of await readdir(join(bin, version, platform))) {
        if (arch !== process.arch) await rm(join(bin, version, platform, arch), { recursive: true });
      }
    }
  }
}

/**
 * Bytes of all files in a folder; links are not followed.
 * @param {string} folder
 */
export async function folderBytes(folder) {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
