import type { Words } from '@lensgate/contracts';
import type { z } from 'zod';

type Values = Readonly<Record<string, unknown>>;

export interface FieldsOfRequest {
  /** Fields that the contract knows, not yet checked. */
  readonly values: Values;
  /** Names of the other ones, as the caller wrote them. */
  readonly unknown: readonly string[];
}

const namesMax = 10;
const nameLengthMax = 60;

/** @param fields a schema of the contract; null means "not given", as it does where clients fill in what they do not know */
export function splitFields(given: Values, fields: z.ZodType): FieldsOfRequest {
  const { shape } = fields as z.ZodObject;
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  const isKnown = (name: string) => Object.hasOwn(shape, name);
  return {
    values: Object.fromEntries(entries.filter(([name]) => isKnown(name))),
    unknown: entries.map(([name]) => name).filter((name) => !isKnown(name)),
  };
}

/** What the body says counts before the same in the query. */
export const joinFields = (query: FieldsOfRequest, body: FieldsOfRequest): FieldsOfRequest => ({
  values: { ...query.values, ...body.values },
  unknown: [...new Set([...query.unknown, ...body.unknown])],
});

/** What an answer says of fields that nothing was made of: a misspelt option would else go unnoticed. */
export function unknownFieldWarnings(unknown: readonly string[]): Words[] {
  const words = unknown.slice(0, namesMax).map((name) => ({
    en: `The field ${shown(name)} is not known and was ignored.`,
    ko: `알 수 없는 필드라서 무시했습니다: ${shown(name)}`,
  }));
  const more = unknown.length - words.length;
  return more > 0 ? [...words, { en: `So were ${more} more.`, ko: `그 밖에 ${more}개도 무시했습니다.` }] : words;
}

export const ignoredInBatch = (name: string): Words => ({
  en: `The field ${name} has no effect on a batch and was ignored.`,
  ko: `${name} 필드는 배치에 적용되지 않으므로 무시했습니다.`,
});

const shown = (name: string): string => {
  const characters = [...name.toWellFormed().replaceAll(/\p{Cc}/gu, '�')];
  return characters.length > nameLengthMax ? `${characters.slice(0, nameLengthMax).join('')}…` : characters.join('');
};
