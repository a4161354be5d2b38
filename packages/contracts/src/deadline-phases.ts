import type { Words } from './language.js';

/** Where a request was when its deadline passed. */
export const deadlinePhases = {
  waiting: { en: 'while waiting', ko: '대기 중' },
  running: { en: 'while running', ko: '실행 중' },
  loading: { en: 'while loading', ko: '로드 중' },
  finishing: { en: 'while a picture still runs', ko: '이미지를 처리 중' },
  answering: { en: 'while the answer was made', ko: '응답을 만드는 중' },
  passing: { en: 'while the answer was passed on', ko: '응답을 전달하는 중' },
  unanswered: { en: 'the worker has not answered', ko: '워커의 응답 없음' },
} as const satisfies Readonly<Record<string, Words>>;
