import type { Logger } from 'pino';
import type { ChildExit, ChildHandle } from './child-handle.js';

/** Logs the end of a child: as an error when nobody wanted it. `sha256` is of the checkpoint that it held. */
export function logChildEnd(
  logger: Logger,
  { exit, child, sha256 }: { exit: ChildExit; child: ChildHandle; sha256: string | null },
): void {
  const facts = {
    pid: child.pid,
    sha256,
    reason: exit.reason,
    signal: exit.signal,
    exit_code: exit.exitCode,
    peak_rss_bytes: exit.peakRssBytes,
  };
  if (exit.reason === 'crash' || exit.reason === 'protocol') logger.error(facts, 'child ended unexpectedly');
  else logger.info(facts, 'child ended');
}
