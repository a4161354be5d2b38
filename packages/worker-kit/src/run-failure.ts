import { deadlinePhases, Failure, fail } from '@lensgate/contracts';
import type { Logger } from 'pino';
import { digestOf } from './admission.js';
import { type CheckpointLoader, memoryExhausted } from './checkpoint-loader.js';
import { ChildEnded, type ChildExit } from './child-handle.js';
import type { Quarantine } from './quarantine.js';
import { timeoutOf } from './time-left.js';
import type { Work } from './work.js';

export interface RunFailureOptions {
  readonly loader: CheckpointLoader;
  readonly quarantine: Quarantine;
  readonly logger: Logger;
  readonly memoryBytesMax: number;
  readonly now: () => number;
}

/** What a caller is told of work that failed. A child that ended by its own fault is noted against picture and checkpoint. */
export function runFailure(work: Work, error: unknown, options: RunFailureOptions): Error {
  if (error instanceof Failure) return error;
  if (!(error instanceof ChildEnded)) return error as Error;
  const { exit } = error;
  if (exit.reason === 'crash' || exit.reason === 'protocol') noteCrash(work, exit, options);
  if (exit.reason === 'memory') return memoryExhausted(exit, options);
  return exit.reason === 'shutdown' ? fail('DRAINING', {}) : fail('CHILD_CRASHED', {});
}

function noteCrash({ request, sha256 }: Work, exit: ChildExit, { loader, quarantine, logger, now }: RunFailureOptions) {
  const imageDigest = digestOf(request.image);
  if (isOwnDeath(exit)) {
    quarantine.recordDeath(sha256, imageDigest, now());
    loader.noteDeath(sha256);
  }
  logger.error(
    {
      request_id: request.requestId,
      sha256,
      image_sha256: imageDigest,
      signal: exit.signal,
      exit_code: exit.exitCode,
      peak_rss_bytes: exit.peakRssBytes,
    },
    'a child ended while it worked on a picture',
  );
}

export function deadlineFailure({ request, phase }: Work): Failure {
  return fail('DEADLINE_EXCEEDED', {
    timeout_ms: timeoutOf(request),
    phase: phase.state === 'waiting' ? deadlinePhases.waiting : deadlinePhases.running,
  });
}

/** Whether the picture may be to blame. These signals come from outside: an operator's, or the kernel's when memory is short. */
const isOwnDeath = ({ reason, signal }: ChildExit) =>
  reason === 'protocol' || !(signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGINT');
