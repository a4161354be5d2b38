import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rootDir } from '@lensgate/testing';
import ts from 'typescript';
import type { MarkedBlock } from '../repository.js';

const run = promisify(execFile);
const outputBytesMax = 64 * 2 ** 20;

const modules = 'requests, cv2';
/** A Python that has what the README's blocks import; Debian's own where another one comes first on the path. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', `import ${modules}`]).status === 0,
);

/** Why a block cannot be run on this machine; nothing where it can. */
export const missingFor = ({ language }: MarkedBlock): string | undefined =>
  language === 'python' && !python
    ? `There is no Python with ${modules}; install python3-requests and python3-opencv.`
    : undefined;

/** Type errors of a block, as a strict project would have them. */
function typeErrors(path: string): string[] {
  const program = ts.createProgram([path], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    typeRoots: [join(rootDir, 'node_modules/@types')],
    types: ['node'],
    skipLibCheck: true,
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/**
 * Runs a block as its reader would: a shell script, a Python script, a module of TypeScript.
 * @param folder where it runs, and where its files stay
 * @returns what it has printed
 */
export async function runBlock(
  { name, language, script }: MarkedBlock,
  { folder, args = [] }: { folder: string; args?: readonly string[] },
): Promise<string> {
  const options = { cwd: folder, maxBuffer: outputBytesMax };
  if (language === 'sh') return (await run('bash', ['-euo', 'pipefail', '-c', script], options)).stdout;
  if (language === 'python') {
    const path = join(folder, `${name}.py`);
    await writeFile(path, script);
    return (await run(python ?? 'python3', [path, ...args], options)).stdout;
  }
  if (language !== 'ts') throw new Error(`There is nothing that runs ${language}.`);
  const path = join(folder, `${name}.mts`);
  await writeFile(path, script);
  const errors = typeErrors(path);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  const { outputText } = ts.transpileModule(script, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  const compiled = join(folder, `${name}.mjs`);
  await writeFile(compiled, outputText);
  return (await run(process.execPath, [compiled, ...args], options)).stdout;
}
