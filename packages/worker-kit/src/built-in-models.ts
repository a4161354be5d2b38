import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Framework } from '@lensgate/contracts';
import { z } from 'zod';

const Manifest = z.object({
  models: z.array(
    z.object({ name: z.string().min(1), file: z.string().regex(/^[\w.-]+\.onnx$/), framework: Framework }),
  ),
});

/**
 * The models in a folder that a worker offers under their names: what `models.json` lists for its framework, and every
 * `.onnx` file that the list does not know, under the file's name.
 * @throws Error when there is a list that cannot be read: a worker must not start with models missing silently
 */
export async function builtInFiles(folder: string, framework: Framework): Promise<{ name: string; file: string }[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.onnx')).sort();
  const { models } = files.length > 0 ? await readManifest(folder) : { models: [] };
  const listed = new Set(models.map(({ file }) => file));
  return [
    ...models.filter((model) => model.framework === framework && files.includes(model.file)),
    ...files.filter((file) => !listed.has(file)).map((file) => ({ name: basename(file, '.onnx'), file })),
  ];
}

async function readManifest(folder: string): Promise<z.infer<typeof Manifest>> {
  const text = await readFile(join(folder, 'models.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? { models: [] } : Manifest.parse(JSON.parse(text));
}
