// `npm run bench`: runs the benchmarks named as arguments, or all, and prints one JSON document; `--save` keeps it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterRest } from './after-rest.mjs';
import { busyCheckpoint } from './busy-checkpoint.mjs';
import { gatewayOverhead } from './gateway-overhead.mjs';
import { machine } from './lib/machine.mjs';
import { overlayCosts } from './overlay.mjs';
import { preprocessCosts } from './preprocess.mjs';
import { sandboxCosts } from './sandbox.mjs';

/** @type {Record<string, () => Promise<unknown>>} */
const benchmarks = {
  'gateway-overhead': gatewayOverhead,
  'after-rest': afterRest,
  'busy-checkpoint': busyCheckpoint,
  preprocess: preprocessCosts,
  overlay: overlayCosts,
  sandbox: sandboxCosts,
};

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--'));
const results = [];
for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
  const benchmark = benchmarks[name];
  if (!benchmark) throw new Error(`There is no benchmark "${name}"; there are ${Object.keys(benchmarks).join(', ')}.`);
  results.push(...[await benchmark()].flat());
}
const report = JSON.stringify({ machine: machine(), results }, null, 2);
console.log(report);
if (words.includes('--save')) {
  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${names.join('+') || 'all'}.json`), `${report}\n`);
}
