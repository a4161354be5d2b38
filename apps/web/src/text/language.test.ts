import { expect, test } from 'vitest';
import { firstLanguage, textsOf } from './language.js';

test('the choice that was made before wins', () => {
  expect(firstLanguage('en', ['ko-KR'])).toBe('en');
  expect(firstLanguage('ko', ['en-US'])).toBe('ko');
});

test('Korean comes first for everybody who reads it', () => {
  expect(firstLanguage(null, ['ko-KR'])).toBe('ko');
  expect(firstLanguage('xx', ['en-US', 'ko'])).toBe('ko');
  expect(firstLanguage(null, [])).toBe('ko');
  expect(firstLanguage(null, ['en-GB', 'kok'])).toBe('en');
});

test('a count of what is shown says what is hidden, and where', () => {
  expect(textsOf.en.nothingBelow('0.30', 14)).toBe('0 shown, 14 below 0.30');
  expect(textsOf.ko.shown(5, '0.25', 9)).toBe('5개 표시, 0.25 이하 9개 숨김');
  expect(textsOf.ko.shown(5, '0.05', 0)).toBe('5개 표시');
});
