import { expect, test } from 'vitest';
import { afterRest } from '../../bench/after-rest.mjs';
import { wordsOf } from './load/figures.js';
import { report } from './report.js';

/** What V8 does to a resting process by itself makes it about 2. */
const growthMax = 1.5;

test('a rest costs those who come after it nothing: what V8 has compiled is still there', async () => {
  const { ratio } = await afterRest();
  expect(ratio).toBeLessThan(growthMax);
  report({
    part: 'load',
    fault: 'a rest of 30 s',
    how: 'of gateway and worker, between requests to a warm job',
    times: 1,
    outcome: wordsOf({
      what: 'processor time of both for a request',
      value: ratio,
      of: 'that before',
      line: { atMost: 1.25 },
    }),
  });
});
