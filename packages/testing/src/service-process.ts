import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childrenOf, isAlive } from './processes.js';
import { waitFor } from './wait-for.js';

/** A line that a service has logged. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly service?: string; readonly msg?: string };

export interface ServiceEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A service of ours in a process of its own, as a test sees it. */
export interface ServiceProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Everything it has logged so far; its children's lines are among them. */
  readonly logs: readonly LogLine[];
  /** Everything it has printed that is not a JSON line. */
  readonly otherOutput: readonly string[];
  /** Every process that was ever seen as its child. */
  readonly childrenSeen: ReadonlySet<number>;
  children(): number[];
  /** Waits for a line that matches. */
  logged(matches: (line: LogLine) => boolean, what?: string): Promise<LogLine>;
  /** SIGTERM, and the process's end; SIGKILL when it does not come. */
  stop(): Promise<ServiceEnd>;
  signal(name: NodeJS.Signals): void;
  /** Ends it at once, as a power cut would, and waits until it is gone. */
  kill9(): Promise<ServiceEnd>;
  readonly ended: Promise<ServiceEnd>;
}

export interface ServiceOptions {
  /** Compiled entry of the service. */
  readonly entry: string;
  /** The whole environment but PATH. */
  readonly env: Readonly<Record<string, string>>;
}

const stopMsMax = 45_000;
const startMsMax = 60_000;

/**
 * Starts a service on a free port and waits until it listens.
 * @throws Error with what it printed, when it ends instead
 */
export async function startService({ entry, env }: ServiceOptions): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [entry], {
    // Standard input ends with this process: nothing is left behind by a test run that is killed.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', PORT: '0', EXIT_WITH_PARENT: '1', ...env },
  });
  child.stdin.on('error', () => {});
  const logs: LogLine[] = [];
  const otherOutput: string[] = [];
  const childrenSeen = new Set<number>();
  collect(child, logs, otherOutput);
  const ended = new Promise<ServiceEnd>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  let isGone = false;
  void ended.then(() => {
    isGone = true;
  });

  const children = () => {
    const now = childrenOf(child.pid ?? 0);
    for (const pid of now) childrenSeen.add(pid);
    return now;
  };
  const logged: ServiceProcess['logged'] = (matches, what = 'a log line') =>
    waitFor(() => logs.find(matches), { what });
  const end = async (signal: NodeJS.Signals) => {
    children();
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    const result = await ended;
    clearTimeout(timer);
    return result;
  };

  const listening = await waitFor(() => isGone || logs.find(({ msg }) => msg?.startsWith('listening on ')), {
    what: `${entry} listening`,
    waitMsMax: startMsMax,
  }).catch(async (error: unknown) => {
    await end('SIGKILL');
    throw error;
  });
  if (listening === true) throw new Error(`${entry} ended: ${JSON.stringify(logs)} ${otherOutput.join('\n')}`);
  const url = String(listening.msg).replace('listening on ', '');
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    logs,
    otherOutput,
    childrenSeen,
    children,
    logged,
    stop: () => end('SIGTERM'),
    signal: (name) => void child.kill(name),
    kill9: () => end('SIGKILL'),
    ended,
  };
}

function collect({ stdout, stderr }: ChildProcess, logs: LogLine[], otherOutput: string[]): void {
  for (const stream of [stdout, stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (!line.startsWith('{')) return void otherOutput.push(line);
      try {
        logs.push(JSON.parse(line) as LogLine);
      } catch {
        otherOutput.push(line);
      }
    });
  }
}

/** Processes of a service, itself included, that still live. */
export const survivorsOf = ({ pid, childrenSeen }: ServiceProcess): number[] => [pid, ...childrenSeen].filter(isAlive);
