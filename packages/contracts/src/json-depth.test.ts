import { expect, test } from 'vitest';
import { isNestedTooDeep, jsonDepthMax } from './json-depth.js';

const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;

test.each([
  ['the depth that may be', nested(jsonDepthMax), false],
  ['two levels more', nested(jsonDepthMax + 2), true],
  ['many lists side by side', `[${'[],'.repeat(1_000)}[]]`, false],
  ['brackets in a text', JSON.stringify('['.repeat(1_000)), false],
  ['an escaped quote in a text', JSON.stringify(`"${'['.repeat(1_000)}`), false],
  ['a text that ends in a backslash, then depth', `["\\\\",${'['.repeat(jsonDepthMax)}`, true],
  ['a million opening brackets', '['.repeat(1_000_000), true],
  ['nothing', '', false],
])('%s', (_, text, isTooDeep) => {
  expect(isNestedTooDeep(text)).toBe(isTooDeep);
});
