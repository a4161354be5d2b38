import { fieldFault, invalidFields } from '@lensgate/contracts';
import type { z } from 'zod';
import { said } from './said.js';

/**
 * A request's values by a schema of the contract.
 * @throws Failure FIELD_INVALID, also for texts that no database, file name or header can hold
 */
export function parseChecked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidFields(result.error);
  const path = unusableText(result.data);
  if (path !== undefined) throw fieldFault(path.join('.') || '(request)', said.unusableText);
  return result.data;
}

/** @returns where a text with U+0000 or half of a surrogate pair stands */
function unusableText(value: unknown): string[] | undefined {
  if (typeof value === 'string') return isUsable(value) ? undefined : [];
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    if (!isUsable(key)) return ['(a key)'];
    const below = unusableText(each);
    if (below) return [key, ...below];
  }
  return undefined;
}

const isUsable = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text);
