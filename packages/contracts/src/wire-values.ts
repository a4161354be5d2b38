import { z } from 'zod';
import { fieldWords } from './field-words.js';
import { isNestedTooDeep } from './json-depth.js';

/**
 * Forms and query strings carry text, JSON carries values; both end in the same typed option. Text that is not a plain
 * decimal number stays text, so that "NaN", "0x10" or "" are told to the caller instead of being coerced.
 */
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** Wraps a number schema so that it also reads decimal text. */
export const wireNumber = <T extends z.ZodType<number>>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && decimal.test(value.trim()) ? Number(value) : value), schema);

const booleanWords: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };

/** A boolean: on the wire the words true, false, 1 and 0, and nothing else. */
export const wireBoolean = z.preprocess(
  (value) => (typeof value === 'string' ? (booleanWords[value] ?? value) : value),
  z.boolean({ error: fieldWords.boolean.en }),
);

/** Wraps a schema so that it also reads JSON text, for forms. Text that is not JSON stays text. */
export const wireJson = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    if (isNestedTooDeep(value)) {
      context.issues.push({ code: 'custom', message: fieldWords.nestedTooDeep.en, input: value });
      return z.NEVER;
    }
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);

/** A list of whole numbers: on the wire comma-separated. */
export const wireIntegerList = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value.split(',').map((part) => (decimal.test(part.trim()) ? Number(part) : part))
      : value,
  z
    .array(z.int({ error: fieldWords.integerList.en }).min(0))
    .min(1)
    .max(1_000),
);

/** A name that goes into answers, headers and logs: without control characters. */
export const withoutControls = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  name.replaceAll(/[\u0000-\u001f\u007f]/g, '');

/** An empty text means "not given": forms send empty fields. */
export const emptyAsAbsent = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema);
