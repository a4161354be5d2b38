import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * A program of the system that takes something away from itself and then becomes what its arguments name: the process
 * stays the same one, with its pid, its pipes and its priority.
 */
export interface Wrapper {
  readonly part: 'network' | 'privileges' | 'limits';
  readonly program: 'unshare' | 'setpriv' | 'prlimit';
  readonly args: readonly string[];
  /** Why the part is missing where the program is there but fails. */
  readonly refused: string;
}

/** A network without any interface, not even loopback; and no processes of other namespaces can be looked into. */
export const network: Wrapper = {
  part: 'network',
  program: 'unshare',
  // Without --fork, which would put a process between the worker and its child.
  args: ['--user', '--map-current-user', '--net', '--ipc'],
  refused: 'user namespaces are not allowed here',
};

/** What runs can gain nothing by a setuid program, and a root user in it is an ordinary one. */
export const privileges: Wrapper = {
  part: 'privileges',
  program: 'setpriv',
  args: ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'],
  refused: 'setpriv fails here',
};

export const limits = (args: readonly string[]): Wrapper => ({
  part: 'limits',
  program: 'prlimit',
  args,
  refused: 'prlimit fails here',
});

/**
 * Has the system end a process when the one that started it is gone, whatever either of them is doing.
 * `--dump` of the same program tells whether that holds.
 */
export const endWithParent = {
  program: 'setpriv',
  args: ['--pdeathsig', 'KILL'],
  dumped: /^Parent death signal: *(SIG)?KILL$/im,
} as const;

/** Where a program is, by the folders of a PATH; undefined where it is not. */
export function findProgram(name: string, searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
