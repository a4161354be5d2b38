import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './embedded-error.js';

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster; made at the first start. Its lock is `<dataDir>.lock`. */
  dataDir: string;
  /** Folder that gets the Unix socket; its path may have 89 bytes at most. */
  socketDir: string;
  startMsMax?: number;
  /** Lines that the process writes to its standard error. */
  onErrorLine?: (line: string) => void;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface EmbeddedPostgres {
  databaseUrl: string;
  pid: number;
  /** Whether this start made the cluster. */
  firstStart: boolean;
  /** Resolves when the process is gone, by whatever cause. */
  exited: Promise<ProcessEnd>;
  /** Closes the database; kills the process when it does not close within `stopMsMax` (10 s). */
  stop(options?: { stopMsMax?: number }): Promise<ProcessEnd>;
}

interface ReadyLine {
  databaseUrl: string;
  firstStart: boolean;
}

/**
 * Starts PGlite in a process of its own that lives as long as this one, and resolves when it takes connections.
 * @throws EmbeddedPostgresError when it cannot start (folder in use, path too long, …)
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../embedded-main.js')], {
    // Nothing of the parent's environment: the database needs none of its secrets.
    env: { PGLITE_DATA_DIR: options.dataDir, PGLITE_SOCKET_DIR: options.socketDir },
    // The child ends when its standard input does; the pipe is never written to.
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: a terminal's Ctrl-C must not end it before those who use it.
    detached: true,
  });
  const exited = new Promise<ProcessEnd>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', () => done({ code: null, signal: null }));
  });
  child.stdin.on('error', () => {});
  const errorLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (errorLines.length < 20) errorLines.push(line);
    options.onErrorLine?.(line);
  });

  const stop: EmbeddedPostgres['stop'] = async ({ stopMsMax = 10_000 } = {}) => {
    child.kill('SIGTERM');
    const killTimer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    const end = await exited;
    clearTimeout(killTimer);
    return end;
  };

  try {
    const ready = await firstLine(child, { errorLines, waitMsMax: options.startMsMax ?? 60_000 });
    return { ...ready, pid: child.pid!, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface FirstLineOptions {
  errorLines: readonly string[];
  waitMsMax: number;
}

async function firstLine(child: ChildProcess, { errorLines, waitMsMax }: FirstLineOptions): Promise<ReadyLine> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ReadyLine>((done, fail) => {
      createInterface({ input: child.stdout! }).on('line', (text) => {
        const line = JSON.parse(text) as
          | ({ event: 'ready' } & ReadyLine)
          | { event: 'failed'; code: EmbeddedPostgresErrorCode; message: string };
        if (line.event === 'failed') fail(new EmbeddedPostgresError(line.code, line.message));
        else done({ databaseUrl: line.databaseUrl, firstStart: line.firstStart });
      });
      // Its pipes may still hold the line that says why: they close after the process.
      child.once('close', () => fail(new EmbeddedPostgresError('START_FAILED', endWords(errorLines))));
      child.once('error', (error) => fail(new EmbeddedPostgresError('START_FAILED', error.message)));
      timer = setTimeout(() => {
        fail(new EmbeddedPostgresError('START_TIMEOUT', `The embedded database was not ready after ${waitMsMax} ms.`));
      }, waitMsMax);
    });
  } finally {
    clearTimeout(timer);
  }
}

function endWords(errorLines: readonly string[]): string {
  return `The embedded database ended before it was ready. ${errorLines.join(' ')}`.trim();
}
