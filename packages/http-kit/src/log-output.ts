import { writeSync } from 'node:fs';

/** Lines that cannot be written yet are kept up to this size; what comes then is dropped. */
const waitingBytesMax = 1 << 20;
const retryMs = 20;
/** How long a line that tells of one request among many waits for others. */
const gatherMs = 100;
/** How long the end of the process waits for a reader that is slow. */
const lastWordsMsMax = 500;

export interface LogOutput {
  /**
   * Writes a line, and what waits before it. One that tells of one request among many waits up to a tenth of a second for
   * others: each write wakes the log's reader, on cores that the models need.
   */
  write(line: string): void;
  /** Writes what waits, as far as somebody reads it in a short time. */
  flushSync(): void;
}

/**
 * A log's way to a file descriptor, which never blocks, fails or outlives a service: a reader that is slow, that has gone
 * (EPIPE, or ECONNRESET where it is a socket) or a file on a full disk costs lines and nothing else. The stream that pino
 * brings tries for ever to get its last lines to a reader that has gone, and so keeps a process that should end.
 */
export function openLogOutput(fd: number): LogOutput {
  let lines: string[] = [];
  let linesLength = 0;
  let waiting = Buffer.alloc(0);
  let isGone = false;
  let timer: NodeJS.Timeout | undefined;

  /** @returns whether it is worth to try again soon */
  const writeWaiting = (): boolean => {
    if (lines.length > 0) waiting = Buffer.concat([waiting, Buffer.from(lines.join(''))]);
    lines = [];
    linesLength = 0;
    try {
      while (waiting.length > 0) waiting = waiting.subarray(writeSync(fd, waiting));
      return false;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return true;
      isGone = code === 'EPIPE' || code === 'ECONNRESET' || code === 'EBADF';
      waiting = Buffer.alloc(0);
      return false;
    }
  };
  const writeOrRetry = () => {
    clearTimeout(timer);
    timer = undefined;
    if (writeWaiting()) later(retryMs);
  };
  const later = (ms: number) => {
    timer = setTimeout(writeOrRetry, ms).unref();
  };

  return {
    write(line) {
      if (isGone || waiting.length + linesLength > waitingBytesMax) return;
      lines.push(line);
      linesLength += line.length;
      // What a slow reader could not take is tried again in its own time, not for every line.
      if (waiting.length > 0) return;
      if (!isOfManyRequests(line)) writeOrRetry();
      else if (timer === undefined) later(gatherMs);
    },
    flushSync() {
      const giveUpAtMs = performance.now() + lastWordsMsMax;
      while (writeWaiting() && performance.now() < giveUpAtMs) sleepSync(retryMs);
    },
  };
}

/** Changes (the audit log), warnings and errors are not among these lines. */
const messagesOfRequests = ['request', 'picture done'];
const endsOfRequests = messagesOfRequests.map((message) => `"msg":"${message}"}\n`);
const isOfManyRequests = (line: string): boolean =>
  line.startsWith('{"level":"info"') && endsOfRequests.some((end) => line.endsWith(end));

const nobody = new Int32Array(new SharedArrayBuffer(4));
const sleepSync = (ms: number): void => void Atomics.wait(nobody, 0, 0, ms);

let standard: LogOutput | undefined;

/** Standard output, which all loggers of a process share. */
export function standardOutput(): LogOutput {
  if (standard) return standard;
  // Opened by Node, a pipe does not block.
  const output = openLogOutput(process.stdout.fd);
  process.on('exit', () => output.flushSync());
  standard = output;
  return output;
}
