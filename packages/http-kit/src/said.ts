import type { Words } from '@lensgate/contracts';

/** What the readers of this package say of a request: reasons, and messages of fields. */
export const said = {
  cutShort: {
    en: 'the connection ended in the middle of the body',
    ko: '본문을 보내는 도중에 연결이 끊겼습니다',
  },
  namelessPart: { en: 'a part has no name', ko: '이름이 없는 파트가 있습니다' },
  notUtf8: { en: 'it is not UTF-8', ko: 'UTF-8이 아닙니다' },
  unusableText: {
    en: 'must not hold U+0000 or half of a surrogate pair',
    ko: 'U+0000이나 짝이 없는 서로게이트 문자를 포함할 수 없습니다',
  },
  badPath: { en: 'the path is not correctly encoded', ko: '경로의 인코딩이 올바르지 않습니다' },
  noHost: { en: 'it has no Host header', ko: 'Host 헤더가 없습니다' },
  severalHosts: { en: 'it has several Host headers', ko: 'Host 헤더가 여러 개입니다' },
  tooDeep: (levels: number) => ({
    en: `it is nested deeper than ${levels} levels`,
    ko: `중첩 단계가 ${levels}단계를 넘습니다`,
  }),
  connect: { en: 'CONNECT is not served here', ko: 'CONNECT 메서드는 지원하지 않습니다' },
  readableType: { en: 'a body type that this route reads', ko: '이 경로가 읽을 수 있는 본문 형식' },
  emptyFile: { en: 'the file is empty', ko: '파일이 비어 있습니다' },
  noFileChosen: { en: 'no file was chosen', ko: '선택한 파일이 없습니다' },
  fileAsText: { en: 'it was sent as text, not as a file', ko: '파일이 아니라 텍스트로 보냈습니다' },
  once: { en: 'must be given once', ko: '한 번만 지정해야 합니다' },
  longerThan: (bytes: number) => ({
    en: `must not be longer than ${bytes} bytes`,
    ko: `${bytes}바이트 이하여야 합니다`,
  }),
  notAFile: (field: string) => ({
    en: `must not be a file; the file goes into "${field}"`,
    ko: `파일일 수 없습니다. 파일은 "${field}" 필드로 보내세요`,
  }),
  notTogether: (field: string) => ({
    en: `must not be given together with a file in "${field}"`,
    ko: `"${field}" 필드의 파일과 함께 지정할 수 없습니다`,
  }),
  moreThan: {
    files: (count: number) => ({ en: `must not be more than ${count} files`, ko: `파일이 ${count}개 이하여야 합니다` }),
    fields: (count: number) => ({
      en: `must not have more than ${count} fields`,
      ko: `필드가 ${count}개 이하여야 합니다`,
    }),
    parts: (count: number) => ({
      en: `must not have more than ${count} parts`,
      ko: `파트가 ${count}개 이하여야 합니다`,
    }),
  },
} as const satisfies Record<string, Words | ((value: never) => Words) | Record<string, (value: never) => Words>>;
