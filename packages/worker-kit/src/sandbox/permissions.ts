import { sep } from 'node:path';

/** Node's own warnings of these flags: nobody who reads a log can do anything about them. */
const quiet = ['ExperimentalWarning', 'SecurityWarning'].map((warning) => `--disable-warning=${warning}`);

/**
 * Flags of Node's permission model: JavaScript may read these places, load native addons and start threads; it may write
 * nothing and start no process. Where the model knows of the network (Node 25), that is closed too.
 * @param readable files, and folders with all that is in them; folders must be there when the process starts
 * @param known the flags that this Node has
 * @returns undefined where Node has no model that lets native addons in (they came to it with 20.12)
 */
export function permissionFlags(
  readable: readonly string[],
  known: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): string[] | undefined {
  const model = ['--permission', '--experimental-permission'].find((flag) => known.has(flag));
  if (model === undefined || !known.has('--allow-addons')) return undefined;
  return [
    model,
    '--allow-addons',
    // The watchdog is a thread.
    '--allow-worker',
    ...quiet,
    ...outermost(readable).map((path) => `--allow-fs-read=${path}`),
  ];
}

/** Without places that lie in others: Node 20 and 24 refuse a folder when a file in it was named before it. */
export const outermost = (paths: readonly string[]): string[] =>
  paths.filter((path, index) => paths.indexOf(path) === index && !paths.some((other) => path.startsWith(other + sep)));

/** Sizes of V8's heap that a service was started with are its children's too; nothing else of its Node flags is. */
export const heapFlags = (flags: readonly string[]): string[] =>
  flags.filter((flag) => /^--(max|min)[-_][a-z_-]*size=\d+$/.test(flag));
