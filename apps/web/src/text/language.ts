import type { Language } from '@lensgate/contracts';
import { en } from './en.js';
import { ko } from './ko.js';
import type { Texts } from './texts.js';

/** In the order in which they are offered. */
export const languages: readonly Language[] = ['ko', 'en'];
export type { Language };

export const textsOf: Readonly<Record<Language, Texts>> = { ko, en };
/** Each language's name in itself. */
export const languageNames: Readonly<Record<Language, string>> = { ko: '한국어', en: 'English' };

const isLanguage = (text: unknown): text is Language => languages.some((language) => language === text);

/**
 * The language to begin with.
 * @param remembered what was chosen before
 * @param preferred the browser's languages; Korean comes first wherever it is among them
 */
export function firstLanguage(remembered: string | null, preferred: readonly string[]): Language {
  if (isLanguage(remembered)) return remembered;
  return preferred.some((tag) => /^ko\b/i.test(tag)) || preferred.length === 0 ? 'ko' : 'en';
}
