/**
 * `npm start`: everything on one machine, each service a process of its own, told by the variables that a deployment sets.
 *
 * A worker that dies is started again, later each time. The gateway, the database, or a service that dies before it was
 * ever ready end everything with exit code 1. SIGTERM, SIGINT and SIGHUP drain and exit with 0; a second one, a second
 * later or more, ends at once. Nothing outlives this process, however it ends.
 */
import { prepare, readEnvFile } from './lib/prepare.mjs';
import { root } from './lib/services.mjs';
import { startStack } from './lib/stack.mjs';
import { untilStopped } from './lib/until-stopped.mjs';

/** @param {string} words */
const say = (words) => void process.stdout.write(`${words}\n`);

/** @param {import('./lib/stack.mjs').Stack} stack */
const greeting = ({ gatewayUrl, isSeeded }) => `
Lensgate is ready at ${gatewayUrl} (API: ${gatewayUrl}/docs). Ctrl-C stops it.
${
  isSeeded
    ? `Try it: job 20 finds garments.

  curl -F training_job_id=20 -F overlay=false -F file=@models/samples/scene-1003.png \\
    ${gatewayUrl}/api/v1/test_inference/inference/quick
`
    : ''
}`;

readEnvFile();
prepare();
say('Lensgate starts.');

/** @type {import('./lib/stack.mjs').Stack | undefined} */
let stack;
const stopped = untilStopped({
  onInsist: () => {
    stack?.kill();
    process.exit(1);
  },
});
try {
  stack = await startStack({ env: process.env, root, say });
} catch (error) {
  process.stderr.write(`Lensgate cannot start. ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
const running = stack;
void running.ready.then(() => say(greeting(running)));

const reason = await Promise.race([
  stopped.then((words) => ({ words: `Lensgate stops (${words}).`, isFault: false })),
  running.failed.then((words) => ({ words: `${words} Lensgate stops.`, isFault: true })),
]);
say(reason.words);
const { isClean } = await running.stop();
process.exit(isClean && !reason.isFault ? 0 : 1);
