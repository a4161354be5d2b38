import { readFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildSandboxState } from '@lensgate/contracts';
import { collectionFlags } from '@lensgate/http-kit';
import type { Logger } from 'pino';
import { z } from 'zod';
import { transferFlags } from '../child/free-memory.js';
import { needsNoWatchdog } from '../child/watchdog.js';
import { codePaths } from './code-paths.js';
import { childLimits, countsPerNamespace, limitArguments } from './limits.js';
import { heapFlags, permissionFlags } from './permissions.js';
import { runProbe } from './run-probe.js';
import { endWithParent, findProgram, limits, network, privileges, type Wrapper } from './wrappers.js';

export interface SandboxOptions {
  /** `auto` takes what the system has, `required` takes all of it or nothing. */
  readonly mode: 'auto' | 'off' | 'required';
  /** Compiled JavaScript that a child runs. */
  readonly entry: URL;
  /** Folders of checkpoints; they must be there. */
  readonly modelFolders: readonly string[];
  /** Where programs of the system are looked for, as PATH has it. */
  readonly searchPath: string;
  readonly logger: Logger;
}

/** How children are started, and what that takes from them. */
export interface ChildSandbox {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly state: ChildSandboxState;
}

/** The sandbox is required and not all of it is to be had. */
export class SandboxMissing extends Error {
  override readonly name = 'SandboxMissing';
}

type Part = Wrapper['part'] | 'permissions';
type Gaps = ReadonlyMap<Part, string>;

const probeEntry = new URL('./probe-main.js', import.meta.url);
const Seen = z.object({ interfaces: z.number(), mayWrite: z.boolean() });

/**
 * Tries which parts of the sandbox work on this system, with a short process that is started as children will be.
 * @throws SandboxMissing when it is required and a part does not work
 */
export async function openSandbox(options: SandboxOptions): Promise<ChildSandbox> {
  const entry = fileURLToPath(options.entry);
  if (options.mode === 'off') {
    return { command: [...node(), entry], state: stateOf(allMissing('off')) };
  }
  const { prefix, endsWithParent, gaps } = await tryParts(options);
  if (options.mode === 'required' && gaps.size > 0) throw new SandboxMissing(reasonOf(gaps));
  const state = stateOf(gaps);
  if (gaps.size > 0) options.logger.warn({ sandbox: state }, 'children run with less of a sandbox');
  return { command: [...prefix, entry, ...(endsWithParent ? [needsNoWatchdog] : [])], state };
}

/** Threads of V8's own gain a child little, whose pixels are not collected, and run on the cores of its neighbours. */
const singleThreaded = '--single-threaded';

const node = () => [
  process.execPath,
  ...collectionFlags,
  singleThreaded,
  ...transferFlags,
  ...heapFlags(process.execArgv),
];

/** Finds the longest start of a command line with which a process starts and reads all that a child must read. */
async function tryParts(options: SandboxOptions): Promise<{
  readonly prefix: readonly string[];
  readonly endsWithParent: boolean;
  readonly gaps: Gaps;
}> {
  const { entry, modelFolders, searchPath, logger } = options;
  const readable = [...codePaths([entry, probeEntry]), ...modelFolders.map((folder) => resolve(folder))];
  const { wrapped, endsWithParent, gaps } = await tryWrappers(searchPath, logger);
  const flags = permissionFlags(readable);
  if (!flags) gaps.set('permissions', 'this Node.js has no permission model for native addons');
  const attempts = [
    { prefix: [...wrapped, ...node(), ...(flags ?? [])], endsWithParent, without: [] },
    { prefix: [...wrapped, ...node()], endsWithParent, without: ['permissions'] },
    { prefix: node(), endsWithParent: false, without: ['network', 'privileges', 'limits', 'permissions'] },
  ] as const;
  for (const { prefix, without, ...attempt } of attempts) {
    const result = await runProbe([...prefix, fileURLToPath(probeEntry), ...readable]);
    const seen = result.ok ? Seen.safeParse(jsonOf(result.output)).data : undefined;
    if (!seen) {
      logger.warn({ why: result.ok ? result.output : result.why }, 'a process does not start in the sandbox');
      continue;
    }
    const add = (part: Part, why: string) => gaps.set(part, gaps.get(part) ?? why);
    for (const part of without) add(part, 'children do not start with it here');
    if (seen.interfaces > 0) add('network', 'the namespace has interfaces');
    if (seen.mayWrite) add('permissions', 'the permission model is not in force');
    return { prefix, gaps, ...attempt };
  }
  return { prefix: node(), endsWithParent: false, gaps: allMissing('no process could be started to try it') };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Each program by itself: in a container, say, namespaces may be forbidden and the rest not. */
async function tryWrappers(
  searchPath: string,
  logger: Logger,
): Promise<{ wrapped: readonly string[]; endsWithParent: boolean; gaps: Map<Part, string> }> {
  const gaps = new Map<Part, string>();
  const tried = async ({ part, program, args, refused }: Wrapper): Promise<readonly string[]> => {
    const path = findProgram(program, searchPath);
    if (path === undefined) {
      gaps.set(part, `${program} is not installed`);
      return [];
    }
    const result = await runProbe([path, ...args, process.execPath, '--version']);
    if (result.ok) return [path, ...args];
    logger.warn({ part, why: result.why }, 'a part of the sandbox does not work here');
    gaps.set(part, refused);
    return [];
  };
  const [inNetwork, inPrivileges] = await Promise.all([tried(network), tried(privileges)]);
  const ownProcesses = inNetwork.length > 0 && countsPerNamespace(release());
  const wanted = childLimits({ cores: availableParallelism(), ownProcesses });
  const inLimits = await tried(limits(limitArguments(wanted, currentLimits())));
  // Limits last: those of processes are counted in the namespace that the first has made.
  const wrapped = [...inNetwork, ...inPrivileges, ...inLimits];
  const ending = await tryEnding(wrapped, searchPath);
  return { wrapped: [...wrapped, ...ending], endsWithParent: ending.length > 0, gaps };
}

/** Looks at the last process of the chain, since a change of privileges on the way may take the signal back. */
async function tryEnding(wrapped: readonly string[], searchPath: string): Promise<readonly string[]> {
  const { program, args, dumped } = endWithParent;
  const path = findProgram(program, searchPath);
  if (path === undefined) return [];
  const result = await runProbe([...wrapped, path, ...args, path, '--dump']);
  return result.ok && dumped.test(result.output) ? [path, ...args] : [];
}

function currentLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

const parts = ['network', 'privileges', 'limits', 'permissions'] as const;
const allMissing = (why: string): Gaps => new Map(parts.map((part) => [part, why]));

/** `network: unshare is not installed; limits: prlimit is not installed`, parts of one reason together. */
function reasonOf(gaps: Gaps): string {
  const reasons = new Set(gaps.values());
  const partsOf = (reason: string) => parts.filter((part) => gaps.get(part) === reason);
  return [...reasons].map((reason) => `${partsOf(reason).join(', ')}: ${reason}`).join('; ');
}

const stateOf = (gaps: Gaps): ChildSandboxState => ({
  network: gaps.has('network') ? 'open' : 'none',
  permissions: gaps.has('permissions') ? 'open' : 'narrow',
  privileges: gaps.has('privileges') ? 'kept' : 'dropped',
  limits: gaps.has('limits') ? 'none' : 'set',
  reason: gaps.size > 0 ? reasonOf(gaps) : null,
});
