import { spawn } from 'node:child_process';
import { rootDir, waitFor } from '@lensgate/testing';

export interface NpmStart {
  /** Of the launcher, or of what it was started under. */
  readonly pid: number;
  /** Where the gateway answers, once everything is ready. */
  ready(): Promise<string>;
  /** All that it has printed. */
  output(): string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface NpmStartOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs the launcher, with its arguments. */
  readonly under?: readonly string[];
}

/** `npm start` on free ports, with a data folder of the test, and nothing else in its environment. */
export function npmStart({ dataDir, env = {}, under = [] }: NpmStartOptions): NpmStart {
  const ports = { PORT: '0', TIMM_PORT: '0', ULTRALYTICS_PORT: '0', HUGGINGFACE_PORT: '0' };
  const [program = '', ...args] = [...under, process.execPath, 'scripts/start.mjs'];
  const child = spawn(program, args, {
    cwd: rootDir,
    env: { PATH: process.env.PATH ?? '', HOME: dataDir, DATA_DIR: dataDir, ...ports, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  let isGone = false;
  const ended = new Promise<Awaited<NpmStart['ended']>>((resolve) => {
    child.once('close', (code, signal) => {
      isGone = true;
      resolve({ code, signal });
    });
  });
  const greeting = () => {
    const url = /Lensgate is ready at (http:\S+)/.exec(output)?.[1];
    if (url === undefined && isGone) throw new Error(`it ended: ${output}`);
    return url;
  };
  return {
    pid: child.pid ?? 0,
    ready: () => waitFor(greeting, { what: `the greeting in: ${output}`, waitMsMax: 120_000 }),
    output: () => output,
    ended,
  };
}
