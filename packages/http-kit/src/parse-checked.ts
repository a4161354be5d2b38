import { fieldFault, invalidFields } from '@lensgate/contracts';
import type { z } from 'zod';
import { said } from './said.js';

/** A request's values by a schema of the contract. @throws Failure FIELD_INVALID */
export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidFields(result.error);
  return result.data;
}

/** `parsed`, which also refuses texts that no database, file name or header can hold. @throws Failure FIELD_INVALID */
export function parseChecked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const data = parsed(schema, value);
  const path = unusableText(data);
  if (path !== undefined) throw fieldFault(path.join('.') || '(request)', said.unusableText);
  return data;
}

/** @returns where a text with U+0000 or half of a surrogate pair stands */
function unusableText(value: unknown): string[] | undefined {
  if (typeof value === 'string') return isUsable(value) ? undefined : [];
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const below = unusableText(value[index]);
      if (below) return [String(index), ...below];
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (!isUsable(key)) return ['(a key)'];
    const below = unusableText((value as Record<string, unknown>)[key]);
    if (below) return [key, ...below];
  }
  return undefined;
}

const isUsable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
