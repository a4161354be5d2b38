import { expect, test } from 'vitest';
import { tableOf } from './table.js';

test('columns line up, also below Hangul, which is twice as wide', () => {
  expect(
    tableOf([
      ['NAME', 'OWNER'],
      ['카메라', 'plant'],
      ['gate', '공장'],
    ]),
  ).toBe('NAME    OWNER\n카메라  plant\ngate    공장\n');
});

test('what a terminal would obey is not printed', () => {
  const [line] = tableOf([['\u001b[31mred\u001b]0;title\u0007\nnext\u202e']]).split('\n');
  expect(line).toBe('�[31mred�]0;title��next�');
});
