#!/usr/bin/env node
// npm links this file when it installs, before anything is compiled.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(fileURLToPath(main))) {
  await import(main.href);
} else {
  process.stderr.write('lensgate: it is not built yet. Run `npm run build` first.\n');
  process.exitCode = 1;
}
