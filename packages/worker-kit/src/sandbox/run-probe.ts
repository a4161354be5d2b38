import { execFile } from 'node:child_process';

export type ProbeResult = { readonly ok: true; readonly output: string } | { readonly ok: false; readonly why: string };

const probeMsMax = 30_000;

/** Runs a short command to its end, in the surroundings that a child has. @returns why it failed, for the log */
export function runProbe([program = '', ...args]: readonly string[]): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const options = { cwd: '/', env: {}, timeout: probeMsMax, killSignal: 'SIGKILL' as const };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) resolve({ ok: false, why: (stderr || error.message).slice(0, 1_000) });
      else resolve({ ok: true, output: stdout });
    });
  });
}
