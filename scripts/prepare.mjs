// Makes what the product runs from: the Prisma client, the vector kernels, the compiled JavaScript and the panel. Does nothing that is up to date.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildPanel } from './build-panel.mjs';
import { buildSimd } from './build-simd.mjs';
import { generatePrismaClient } from './prisma-generate.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

await generatePrismaClient();
await buildSimd();
const { status } = spawnSync(process.execPath, [`${root}node_modules/typescript-7/bin/tsc`, '-b'], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
if (status === 0) await buildPanel();
