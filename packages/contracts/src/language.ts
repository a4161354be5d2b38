/** The languages that errors are said in; the first one where nobody asks for another. */
export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

/** A piece of a sentence, in every language. */
export type Words = Readonly<Record<Language, string>>;

/** What may stand in a sentence: a value, a text of one language only, or words. */
export type Sayable = string | number | Words;

export const inLanguage = (value: Sayable, language: Language): string | number =>
  typeof value === 'object' ? value[language] : value;

const range = /^\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/i;

/**
 * The language to answer in (RFC 9110, section 12.5.4): the one of the highest quality, of two the one named first.
 * Regions do not matter (`ko-KR` is Korean). English where none of ours is named, or nothing can be read.
 */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wishes = (acceptLanguage ?? '').split(',').flatMap((part, place) => {
    const [, tag = '', quality = '1'] = range.exec(part) ?? [];
    return tag === '' ? [] : [{ primary: tag.toLowerCase().split('-', 1)[0], quality: Number(quality), place }];
  });
  const wishFor = (language: Language) => {
    const named = wishes.filter(({ primary }) => primary === language);
    const heeded = named.length > 0 ? named : wishes.filter(({ primary }) => primary === '*');
    return heeded.sort((a, b) => b.quality - a.quality || a.place - b.place)[0];
  };
  const [best] = languages
    .map((language) => ({ language, wish: wishFor(language) }))
    .filter(({ wish }) => wish !== undefined && wish.quality > 0)
    .sort((a, b) => b.wish!.quality - a.wish!.quality || a.wish!.place - b.wish!.place);
  return best?.language ?? languages[0];
}
