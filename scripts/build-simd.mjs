import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const visionDir = join(import.meta.dirname, '../packages/vision');
const sourceFile = join(visionDir, 'simd/pil-passes.ts');
const targetFile = join(visionDir, 'src/generated/pil-passes-wasm.ts');
const flags = ['--runtime', 'stub', '--enable', 'simd', '--importMemory', '--noAssert', '-O3'];

/**
 * Compiles the vector kernels of packages/vision to WebAssembly, into a module that holds it as Base64, when that is
 * missing or older than the source, the compiler or its flags.
 * @returns {Promise<{built: boolean}>} whether anything was written
 */
export async function buildSimd() {
  const source = await readFile(sourceFile, 'utf8');
  const manifest = join(import.meta.dirname, '../node_modules/assemblyscript/package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8'));
  const digest = createHash('sha256')
    .update(JSON.stringify([source, version, flags]))
    .digest('hex');
  // At the end: a file that was cut short has none.
  const stamp = `// Made by scripts/build-simd.mjs from simd/pil-passes.ts: ${digest}\n`;
  const there = await readFile(targetFile, 'utf8').catch(() => '');
  if (there.endsWith(stamp)) return { built: false };
  const wasm = await compile(source);
  await mkdir(join(targetFile, '..'), { recursive: true });
  await writeFile(targetFile, `export const pilPassesWasm =\n  '${Buffer.from(wasm).toString('base64')}';\n${stamp}`);
  return { built: true };
}

/** @param {string} source @returns {Promise<Uint8Array>} */
async function compile(source) {
  // It is large, and most builds have nothing to compile.
  const { main } = await import('assemblyscript/asc');
  /** @type {Uint8Array | undefined} */
  let wasm;
  const { error, stderr } = await main(['pil-passes.ts', ...flags, '--outFile', 'pil-passes.wasm'], {
    readFile: (name) => (name === 'pil-passes.ts' ? source : null),
    writeFile: (_name, contents) => {
      wasm = /** @type {Uint8Array} */ (contents);
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  if (!wasm) throw new Error('the compiler wrote nothing');
  return wasm;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { built } = await buildSimd();
  console.log(built ? 'Vector kernels built.' : 'Vector kernels are up to date.');
}
