import { z } from 'zod';

/** Text that must be given, or has a default. */
export const envText = () => z.string().trim().min(1);

/** A whole number within bounds. Units go into the variable's name. */
export const envInteger = (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .trim()
    .regex(/^\d+$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(z.number().min(min).max(max));

/** Comma-separated words. */
export const envList = () =>
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

export const envBoolean = () =>
  z
    .enum(['1', '0', 'true', 'false'], { error: 'must be 1, 0, true or false' })
    .transform((word) => word === '1' || word === 'true');

/** Parses the environment; an empty variable counts as not set, as compose files write it. */
export function parseConfig<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv): z.ZodSafeParseResult<z.output<T>> {
  return schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
}

/** All that is wrong with a configuration, one line per variable. */
export const configFaults = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => {
    const words = message.endsWith('received undefined') ? 'must be set' : message;
    return path.length > 0 ? `${path.join('.')}: ${words}` : words;
  });

/** Reads a service's configuration, or says everything that is wrong with it and ends the process with 1. */
export function readConfig<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv): Readonly<z.output<T>> {
  const result = parseConfig(schema, env);
  if (result.success) return Object.freeze(result.data);
  return unusable(configFaults(result.error));
}

/** Says what is wrong with the configuration, one line each, and ends the process with 1. */
export function unusable(faults: readonly string[]): never {
  process.stderr.write(`The configuration is not usable:\n${faults.map((line) => `  ${line}\n`).join('')}`);
  process.exit(1);
}
