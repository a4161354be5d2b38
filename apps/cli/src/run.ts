import { parseArgs } from 'node:util';
import type { Command, CommandOutput } from './commands/command.js';
import { createKey } from './commands/create-key.js';
import { listKeys } from './commands/list-keys.js';
import { revokeKey } from './commands/revoke-key.js';
import { usageFault } from './fault.js';
import { openGateway } from './gateway.js';

const commands: ReadonlyMap<string, Command> = new Map([
  ['create', createKey],
  ['list', listKeys],
  ['revoke', revokeKey],
]);

const common = {
  url: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const defaultUrl = 'http://127.0.0.1:8000';

const help = `Manages the API keys of a Lensgate gateway.

${[...commands.values()].map(({ usage }) => `  lensgate keys ${usage}\n`).join('')}
  --json        answers JSON
  --url <url>   the gateway; otherwise LENSGATE_URL, otherwise ${defaultUrl}

LENSGATE_ADMIN_KEY is the gateway's admin key. It is never taken from the command line, which others on the
machine can read. A key may run pictures (scope infer, the default), change jobs and checkpoints (manage), or
both; it sees what belongs to its owner ("default" unless named) and what belongs to nobody. --expires takes
a time such as 2030-01-31T00:00:00Z.

Exit codes: 0 done, 1 refused or not reachable, 2 not understood.
`;

export interface RunOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Wall clock, ms. */
  readonly nowMs: number;
}

/**
 * Runs one command line.
 * @param words without the program's own name
 * @throws Fault
 */
export async function run(words: readonly string[], { env, nowMs }: RunOptions): Promise<CommandOutput> {
  const [room, name, ...rest] = words;
  if (words.length === 0 || words.some((word) => word === '--help' || word === '-h')) return { output: help };
  if (room !== 'keys') throw usageFault(`There is no command "${room}".`);
  const command = commands.get(name ?? '');
  if (!command) throw usageFault(name === undefined ? 'What about keys?' : `There is no command "keys ${name}".`);
  const { values, positionals } = parse(rest, command);
  const url = typeof values.url === 'string' ? values.url : env.LENSGATE_URL || defaultUrl;
  return command.run({
    gateway: openGateway({ url, adminKey: env.LENSGATE_ADMIN_KEY || undefined }),
    values,
    operands: positionals,
    asJson: values.json === true,
    nowMs,
  });
}

function parse(words: string[], { options, operands }: Command) {
  try {
    const parsed = parseArgs({ args: words, options: { ...common, ...options }, allowPositionals: true });
    if (parsed.positionals.length === operands.length)
      return {
        values: parsed.values as Readonly<Record<string, string | string[] | boolean | undefined>>,
        positionals: parsed.positionals,
      };
  } catch (error) {
    throw usageFault(`${(error as Error).message.split('. ')[0]}.`);
  }
  throw usageFault(operands.length === 0 ? 'This takes no more words.' : `It takes ${operands.join(' and ')}.`);
}
