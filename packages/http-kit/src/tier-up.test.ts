import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { tierUpFlags } from './tier-up.js';

test('this V8 knows the flags', () => {
  const print = (flags: readonly string[]) =>
    execFileSync(process.execPath, [...flags, '--print', '1'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  expect(print(tierUpFlags())).toBe('1\n');
  expect(() => print(['--no-such-flag-of-v8=1'])).toThrow();
});

test.each([
  ['11.3.244.8-node.33', ['--interrupt-budget=4000']],
  ['13.6.233.10-node.28', ['--invocation-count-for-maglev=50', '--minimum-invocations-after-ic-update=50']],
])('V8 %s counts in its own way', (version, flags) => {
  expect(tierUpFlags(version)).toEqual(flags);
});
