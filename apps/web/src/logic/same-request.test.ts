import { expect, test } from 'vitest';
import { isSameRequest } from './same-request.js';

const file = new File(['a'], 'a.png');
const fields = [['training_job_id', '20'] as const, ['confidence_threshold', '0.25'] as const];

test('requests are the same by their picture and their fields', () => {
  expect(isSameRequest({ file, fields }, { file, fields: fields.map(([name, value]) => [name, value]) })).toBe(true);
  expect(isSameRequest({ file, fields }, { file: new File(['a'], 'a.png'), fields })).toBe(false);
  expect(isSameRequest({ file, fields }, { file, fields: [fields[0]!, ['confidence_threshold', '0.6']] })).toBe(false);
  expect(isSameRequest({ file, fields }, { file, fields: [fields[0]!] })).toBe(false);
});
