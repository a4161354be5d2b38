import { z } from 'zod';
import { jsonDepthMax } from './json-depth.js';
import type { Words } from './language.js';

/** What our own schemas say of a value, where zod's words would not tell what to send. */
export const fieldWords = {
  boolean: { en: 'must be true, false, 1 or 0', ko: 'true, false, 1, 0 중 하나여야 합니다' },
  integerList: { en: 'must be whole numbers, comma-separated', ko: '쉼표로 구분한 정수여야 합니다' },
  jsonObject: { en: 'must be a JSON object', ko: 'JSON 객체여야 합니다' },
  keyId: { en: 'must be "lg_" and 12 letters or digits', ko: '"lg_" 뒤에 영문자나 숫자 12자가 이어져야 합니다' },
  scopeTwice: { en: 'names a scope twice', ko: '같은 권한 범위가 두 번 들어 있습니다' },
  nestedTooDeep: {
    en: `must not be nested deeper than ${jsonDepthMax} levels`,
    ko: `중첩 단계가 ${jsonDepthMax}단계 이하여야 합니다`,
  },
  past: { en: 'must lie in the future', ko: '현재 이후의 시각이어야 합니다' },
  sessionId: {
    en: 'must be 1 to 64 letters, digits, "-" or "_"',
    ko: '영문자, 숫자, "-", "_"로 이루어진 1~64자여야 합니다',
  },
  sha256: { en: 'must be 64 lower-case hexadecimal digits', ko: '소문자 16진수 64자리여야 합니다' },
} as const satisfies Readonly<Record<string, Words>>;

const ownKorean: ReadonlyMap<string, string> = new Map(Object.values(fieldWords).map(({ en, ko }) => [en, ko]));

const typesKo: Readonly<Record<string, string>> = {
  string: '문자열',
  number: '숫자',
  int: '정수',
  boolean: 'true 또는 false',
  array: '배열',
  object: 'JSON 객체',
  record: 'JSON 객체',
};

const zodKorean = z.locales.ko().localeError;

/** zod's message in Korean. Our own words for what our schemas can complain of, zod's for the rest. */
export function koreanMessage(issue: z.core.$ZodIssue): string {
  const own = ownKorean.get(issue.message);
  if (own !== undefined) return own;
  switch (issue.code) {
    case 'invalid_type':
      // The value itself is not kept with the issue; zod's words say that there was none.
      if (issue.message.endsWith('received undefined')) return '필수 값입니다';
      return `${typesKo[issue.expected] ?? issue.expected} 값이어야 합니다`;
    case 'invalid_value':
      return `다음 중 하나여야 합니다: ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `${amount(issue.origin, issue.maximum)} ${issue.inclusive === false ? '미만이어야' : '이하여야'} 합니다`;
    case 'too_small':
      return `${amount(issue.origin, issue.minimum)} ${issue.inclusive === false ? '초과여야' : '이상이어야'} 합니다`;
    case 'unrecognized_keys':
      return `알 수 없는 필드가 있습니다: ${issue.keys.join(', ')}`;
    default: {
      const said = zodKorean(issue as z.core.$ZodRawIssue);
      return (typeof said === 'string' ? said : said?.message) ?? issue.message;
    }
  }
}

/** A bound as it is said: letters of a text, entries of a list, or the number itself. */
function amount(origin: string, bound: number | bigint): string {
  if (origin === 'string') return `길이가 ${bound}자`;
  if (origin === 'array' || origin === 'set' || origin === 'map') return `항목이 ${bound}개`;
  return String(bound);
}
