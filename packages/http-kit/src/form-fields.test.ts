import { expect, test } from 'vitest';
import { z } from 'zod';
import { joinFields, splitFields, unknownFieldWarnings } from './form-fields.js';

const fields = z.object({ overlay: z.string(), masks: z.string() });

const said = (names: readonly string[]) => unknownFieldWarnings(names).map(({ en }) => en);

test('what the body says counts before the same in the query, and unknown names of both are kept once', () => {
  const query = splitFields({ overlay: 'false', masks: 'rle', maks: 'x' }, fields);
  const body = splitFields({ overlay: 'true', maks: 'y', hasOwnProperty: 1, masks: null }, fields);
  expect(joinFields(query, body)).toEqual({
    values: { overlay: 'true', masks: 'rle' },
    unknown: ['maks', 'hasOwnProperty'],
  });
});

test('a null is a field that was not given, known or not', () => {
  expect(splitFields({ overlay: null, maks: null }, fields)).toEqual({ values: {}, unknown: [] });
});

test('names are told short, few and without control characters', () => {
  expect(said([])).toEqual([]);
  expect(said(['on\r\ntop', '\ud800'])).toEqual([
    'The field on��top is not known and was ignored.',
    'The field � is not known and was ignored.',
  ]);
  expect(said(['가'.repeat(61)])[0]).toBe(`The field ${'가'.repeat(60)}… is not known and was ignored.`);
  expect(said(Array.from({ length: 12 }, String))).toHaveLength(11);
  expect(said(Array.from({ length: 12 }, String)).at(-1)).toBe('So were 2 more.');
});
