import { expect, test } from 'vitest';
import { storable } from './storable.js';

test('texts lose what PostgreSQL cannot hold, wherever they stand, and nothing else', () => {
  expect(storable('a\0b')).toBe('a\ufffdb');
  expect(storable(null)).toBeNull();
  const value = { names: ['t\0shirt', '\ud800', '\u{1F9E5}', '티셔츠'], shape: [1, null], deep: { ok: true } };
  expect(storable(value)).toEqual({ ...value, names: ['t\ufffdshirt', '\ufffd', '\u{1F9E5}', '티셔츠'] });
});
