import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import { collectWhenIdle } from './collect-when-idle.js';
import { optimizeSoon } from './tier-up.js';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long running requests may take to finish after a signal. */
  readonly drainTimeoutMs: number;
  /** How long a service has had nothing to do when it collects its garbage. */
  readonly collectRestMs: number;
  /** Runs after the last request has finished and before the process ends: ends children, closes databases. */
  readonly onClose?: () => Promise<void>;
}

/**
 * Refuses new work, waits for what runs (bounded), then stops listening, and closes the connections when those who came
 * last have heard that they were refused.
 */
export async function drain(app: FastifyInstance, { drainTimeoutMs }: { drainTimeoutMs: number }): Promise<void> {
  app.lifecycle.state = 'draining';
  await orAfter(app.lifecycle.idle(), drainTimeoutMs);
  if (app.server.listening)
    await orAfter(new Promise((resolve) => app.server.close(resolve)), Math.min(drainTimeoutMs, lastWordsMs));
  const closed = app.close();
  app.server.closeAllConnections();
  await closed;
}

/** For requests that had arrived when the listening ended. */
const lastWordsMs = 500;

async function orAfter(work: Promise<unknown>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

const orphanDrainMs = 1_000;

/**
 * Listens and lives until a signal: SIGTERM and SIGINT drain and exit 0. With `EXIT_WITH_PARENT=1` the process also
 * drains when its standard input closes, and with an IPC channel when that closes, so that no service outlives what
 * started it.
 * @returns the URL it listens on
 */
export async function serve(app: FastifyInstance, options: ServeOptions): Promise<string> {
  const { host, port, drainTimeoutMs, collectRestMs, onClose } = options;
  optimizeSoon();
  collectWhenIdle(app, { restMs: collectRestMs });
  // Room for `onClose` after a drain that took all its time.
  const delay = drainTimeoutMs + 10_000;
  const closer = closeWithGrace({ delay, logger: false }, async ({ err, signal }) => {
    if (err) app.log.fatal({ err }, 'unexpected error, the process ends');
    else app.log.info({ signal: signal ?? 'parent gone' }, 'draining');
    // Nobody is left to wait for answers when the parent is gone.
    await drain(app, { drainTimeoutMs: signal ? drainTimeoutMs : Math.min(drainTimeoutMs, orphanDrainMs) });
    await onClose?.();
  });
  const onParentGone = () => {
    // A signal may have come first, or the pipe's end and its close both.
    if (app.lifecycle.state !== 'draining') closer.close();
  };
  if (process.env.EXIT_WITH_PARENT === '1') {
    process.stdin.on('error', () => undefined).once('close', onParentGone);
    process.stdin.once('end', onParentGone).resume();
  }
  if (process.channel) process.once('disconnect', onParentGone);

  const url = await app.listen({ host, port, listenTextResolver: (address) => `listening on ${address}` });
  if (app.lifecycle.state === 'starting') app.lifecycle.state = 'ready';
  return url;
}
