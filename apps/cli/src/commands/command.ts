import type { ParseArgsConfig } from 'node:util';
import type { Gateway } from '../gateway.js';

export interface CommandInput {
  readonly gateway: Gateway;
  readonly values: Readonly<Record<string, string | string[] | boolean | undefined>>;
  readonly operands: readonly string[];
  readonly asJson: boolean;
  /** Wall clock, ms. */
  readonly nowMs: number;
}

export interface CommandOutput {
  /** What was asked for, for a person or a program. */
  readonly output: string;
  /** What only a person needs. */
  readonly note?: string;
}

export interface Command {
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Names of what follows the command, in order; all are needed. */
  readonly operands: readonly string[];
  /** @throws Fault */
  run(input: CommandInput): Promise<CommandOutput>;
}
