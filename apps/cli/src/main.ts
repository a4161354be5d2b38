import { Fault } from './fault.js';
import { run } from './run.js';

try {
  const { output, note = '' } = await run(process.argv.slice(2), { env: process.env, nowMs: Date.now() });
  process.stderr.write(note);
  process.stdout.write(output);
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  process.stderr.write(`lensgate: ${error.message}\n`);
  process.exitCode = error.kind === 'usage' ? 2 : 1;
}
