import { describe, expect, test } from 'vitest';
import { type ErrorCode, errorCodes, errorRegistry } from './errors.js';
import { koreanErrors } from './errors-ko.js';
import { fail } from './failure.js';
import { problemOf } from './problem.js';

const namesIn = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();

describe('the Korean words', () => {
  test('are there for every code and for no other', () => {
    expect(Object.keys(koreanErrors)).toEqual(errorCodes);
  });

  test.each(errorCodes)('%s has the parameters of the English words, and is Korean', (code) => {
    const korean: { title: string; detail: string } = koreanErrors[code];
    expect(namesIn(korean.detail)).toEqual(namesIn(errorRegistry[code].detail));
    expect(namesIn(korean.title)).toEqual([]);
    expect(korean.title).toMatch(/[가-힣]/);
    expect(korean.detail.replaceAll(/\{\w+\}/g, '')).toMatch(/^$|[가-힣]/);
  });

  test('are never followed by a particle that depends on what a parameter ends with', () => {
    const particle = /\{\w+\}"?(은|는|이|가|을|를|과|와|으로|로)(?=[\s.,]|$)/;
    const faulty = errorCodes.filter((code) => particle.test(koreanErrors[code].detail));
    expect(faulty).toEqual([]);
  });
});

test('a problem is said in the language that is asked for; code, type and parameters are the same', () => {
  const failure = fail('JOB_NOT_FOUND', { job_id: 7 });
  const common = { type: '/docs/errors#job_not_found', code: 'JOB_NOT_FOUND' as ErrorCode, params: { job_id: 7 } };
  expect(problemOf(failure, 'r')).toMatchObject({ ...common, detail: 'There is no training job 7.' });
  expect(problemOf(failure, 'r', 'ko')).toMatchObject({
    ...common,
    title: '학습 작업 없음',
    detail: '학습 작업 7번이 없습니다.',
  });
});

test('words that stand in a sentence follow its language, and parameters stay English', () => {
  const failure = fail('DEADLINE_EXCEEDED', { timeout_ms: 5, phase: { en: 'while waiting', ko: '대기 중' } });
  expect(problemOf(failure, 'r')).toMatchObject({ detail: 'No answer within 5 ms (while waiting).' });
  expect(problemOf(failure, 'r', 'ko')).toMatchObject({
    detail: '5ms 안에 응답하지 못했습니다(대기 중).',
    params: { timeout_ms: 5, phase: 'while waiting' },
  });
});
