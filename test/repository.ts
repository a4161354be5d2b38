import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders of the npm workspaces, as package.json lists them, such as `packages/vision`. */
export async function workspaceFolders(root: string): Promise<string[]> {
  const { workspaces } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
  const folders = await Promise.all(
    workspaces.map(async (pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -2);
      const entries = await readdir(join(root, parent), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${parent}/${name}`);
    }),
  );
  return folders.flat().sort();
}

/** The TypeScript files that a workspace is built from: no tests, nothing generated. Paths from the root. */
export async function sourceFiles(root: string, folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder, 'src'), { recursive: true });
  return names
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name) && !name.startsWith('generated/'))
    .map((name) => `${folder}/src/${name}`)
    .sort();
}

/**
 * The solid arrows of a document's Mermaid drawings, as `importer -> imported`, by the folders that the nodes are labelled
 * with: `vision["packages/vision"]`, `gateway --> vision`.
 */
export function mermaidArrows(markdown: string): string[] {
  const drawings = [...markdown.matchAll(/```mermaid\n(.*?)```/gs)].map(([, text]) => text ?? '').join('\n');
  const labels = new Map([...drawings.matchAll(/(\w+)\["([\w/-]+)[^"]*"\]/g)].map(([, id, label]) => [id, label]));
  const arrows = [...drawings.matchAll(/^\s*(\w+) --> (\w+)\s*$/gm)];
  return arrows.map(([, from, to]) => `${labels.get(from)} -> ${labels.get(to)}`).sort();
}

/** A fenced block that a comment before it marks: `<!-- test: NAME -->`. */
export interface MarkedBlock {
  readonly name: string;
  /** As the fence says it: sh, python, ts, html. */
  readonly language: string;
  readonly script: string;
}

export function markedBlocks(markdown: string): MarkedBlock[] {
  const blocks = markdown.matchAll(/<!-- test: ([\w-]+) -->\n+```(\w+)\n(.*?)```/gs);
  return [...blocks].map(([, name = '', language = '', script = '']) => ({ name, language, script }));
}
