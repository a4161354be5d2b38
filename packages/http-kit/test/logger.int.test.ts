import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';

const library = new URL('../dist/index.js', import.meta.url).href;

/** Logs, and when its input ends says its last words and exits with 7: nothing has told it yet that nobody reads. */
const script = `
  import { createLogger } from ${JSON.stringify(library)};
  const logger = createLogger('test', 'info');
  logger.info('a line');
  process.stdin.resume().on('end', () => {
    logger.info('the last words');
    process.exit(7);
  });
`;

test('a process ends although nobody reads its last words', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  let received = '';
  child.stdout.on('data', (chunk) => {
    received += chunk;
  });
  await expect.poll(() => received, { timeout: 20_000 }).toContain('a line');
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stdout.once('close', () => child.stdin.end());
  child.stdout.destroy();
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  expect(await ended).toBe(7);
  clearTimeout(late);
});

test('a process whose reader has stopped reading works on, and ends without its lines', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', busy], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  child.stderr.on('data', (chunk) => lines.push(String(chunk)));
  child.stdout.pause();
  await expect.poll(() => lines.join(''), { timeout: 20_000 }).toContain('logged');
  child.stdin.end();
  expect(await new Promise<number | null>((resolve) => child.once('exit', resolve))).toBe(7);
});

/** Logs more than any pipe holds, and says so on its other output. */
const busy = `
  import { createLogger } from ${JSON.stringify(library)};
  const logger = createLogger('test', 'info');
  for (let line = 0; line < 3_000; line++) logger.info('x'.repeat(1_000));
  process.stderr.write('logged');
  process.stdin.resume().on('end', () => process.exit(7));
`;
