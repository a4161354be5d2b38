import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * `npm run test:faults`: runs the fault suite and prints its table.
 * --quick, --full   fewer or more of everything; each FAULTS_… variable that is set wins
 * --report          writes the table to docs/reliability.md, when everything was run and has passed
 * Everything else goes to vitest: names of files, reporters.
 */
const root = resolve(import.meta.dirname, '../..');
const sizes = {
  '--quick': { FAULTS_COUNT: '200', FAULTS_ROUNDS: '1', FAULTS_SECONDS: '6' },
  '--full': { FAULTS_COUNT: '10000', FAULTS_ROUNDS: '20', FAULTS_SECONDS: '30', FAULTS_MS: '3600000' },
};
const own = new Set(['--report', ...Object.keys(sizes)]);
const given = process.argv.slice(2);
const forVitest = given.filter((word) => !own.has(word));
const size = given.flatMap((word) => (word in sizes ? [sizes[/** @type {keyof typeof sizes} */ (word)]] : []));

const folder = mkdtempSync(join(tmpdir(), 'lensgate-faults-'));
const rowsFile = join(folder, 'rows.jsonl');
writeFileSync(rowsFile, '');
try {
  const { status } = spawnSync(
    'npx',
    // One file after the other: each has the machine to itself.
    ['vitest', 'run', '--project', 'faults', '--no-file-parallelism', ...forVitest],
    { cwd: root, stdio: 'inherit', env: { ...Object.assign({}, ...size), ...process.env, FAULTS_ROWS: rowsFile } },
  );
  const { parts } = await import('./parts.mjs');
  const rows = readFileSync(rowsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const tables = Object.entries(parts).flatMap(([part, title]) => {
    const own = rows.filter((row) => row.part === part);
    return own.length > 0 ? [`### ${title}\n\n${tableOf(own)}`] : [];
  });
  process.stdout.write(`\n${tables.join('\n\n')}\n`);
  if (given.includes('--report') && status === 0) writeReport(tables);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {{ fault: string, how: string, times: number, outcome: string }[]} rows */
function tableOf(rows) {
  const cells = [
    ['what was done', 'how', 'times', 'what was seen'],
    ...rows.map(({ fault, how, times, outcome }) => [fault, how, times.toLocaleString('en'), outcome]),
  ].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** @param {string[]} tables */
function writeReport(tables) {
  const file = join(root, 'docs/reliability.md');
  const text = readFileSync(file, 'utf8');
  const [before = ''] = text.split(/^## The last run$/m);
  const [cpu] = cpus();
  const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.version}`;
  const when = new Date().toISOString().slice(0, 10);
  writeFileSync(file, `${before}## The last run\n\n${when}, on ${machine}.\n\n${tables.join('\n\n')}\n`);
}
