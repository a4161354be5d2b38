/** Resource limits as `prlimit` names them. */
export type Limits = Readonly<Record<string, number>>;

const filesMax = 512;
/** Threads of Node, ONNX Runtime, libvips and the encoder, which counts the host's cores. */
const threadsMax = (cores: number) => 128 + 16 * cores;

/**
 * What a child may use of the system. Memory is bounded elsewhere, by looking at it: V8 reserves far more addresses than
 * it uses, so a limit of these would end it at its start.
 * @param cores of the host
 * @param ownProcesses whether the system counts a child's processes apart from those of its user
 */
export const childLimits = ({ cores, ownProcesses }: { cores: number; ownProcesses: boolean }): Limits => ({
  // With 1, and not with 0, Linux also leaves a program alone that is meant to get the dump through a pipe (core(5)).
  core: 1,
  // No byte into any file; pipes are none.
  fsize: 0,
  msgqueue: 0,
  nofile: filesMax,
  ...(ownProcesses ? { nproc: threadsMax(cores) } : {}),
});

/** Rows of /proc/<pid>/limits by the names of `prlimit`. */
const rows: Readonly<Record<string, string>> = {
  core: 'Max core file size',
  fsize: 'Max file size',
  msgqueue: 'Max msgqueue size',
  nofile: 'Max open files',
  nproc: 'Max processes',
};

/**
 * Arguments of `prlimit`; a limit that is already lower stays, since only the privileged could raise it.
 * @param current text of /proc/self/limits; rows are name, soft limit, hard limit, unit
 */
export function limitArguments(limits: Limits, current: string): string[] {
  return Object.entries(limits).map(([name, wanted]) => {
    const hard = new RegExp(`^${rows[name] ?? name} +\\S+ +(\\d+)`, 'm').exec(current)?.[1];
    return `--${name}=${hard === undefined ? wanted : Math.min(wanted, Number(hard))}`;
  });
}

/**
 * Whether the processes of a user namespace are counted by themselves (Linux 5.14). Before that, all processes of the
 * user anywhere were counted, and a limit for one child would have been a limit for all.
 * @param release such as `6.1.0-13-amd64`
 */
export function countsPerNamespace(release: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}
