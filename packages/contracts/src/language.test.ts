import { expect, test } from 'vitest';
import { languageOf } from './language.js';

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['ko', 'ko'],
  ['ko-KR', 'ko'],
  ['KO-kr', 'ko'],
  ['ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7', 'ko'],
  ['en-US,en;q=0.9,ko;q=0.8', 'en'],
  ['en;q=0.8, ko;q=0.9', 'ko'],
  ['en;q=0.9, ko;q=0.8', 'en'],
  ['ko;q=0.5, en;q=0.5', 'ko'],
  ['en, ko', 'en'],
  ['fr-FR, ko;q=0.1', 'ko'],
  ['fr', 'en'],
  ['*', 'en'],
  ['ko, *;q=0.5', 'ko'],
  ['ko;q=0, *', 'en'],
  ['en;q=0.1, *;q=0.5', 'ko'],
  ['ko;q=0', 'en'],
  ['ko ; q = 0.300 , en ; q = 0.2', 'ko'],
  ['kok', 'en'],
  ['ko;q=9', 'en'],
  ['ko;q=x, ;;, ,', 'en'],
  [`${'ko-'.repeat(5_000)}`, 'en'],
])('%s is answered in %s', (header, language) => {
  expect(languageOf(header)).toBe(language);
});
