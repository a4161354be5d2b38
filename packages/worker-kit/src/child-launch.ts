import { type ChildProcess, spawn } from 'node:child_process';

export interface ChildLaunch {
  /** Program and arguments (`openSandbox` says which); what it starts must become the child, with this process's pipes. */
  readonly command: readonly string[];
  /** Everything the child gets to see of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a child. Descriptor 3: frames, both ways. 4: never written to; its end tells a watchdog that the parent is gone. */
export const launchChild = ({ command: [program = '', ...args], env }: ChildLaunch): ChildProcess =>
  spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'], env: { ...env }, cwd: '/' });
