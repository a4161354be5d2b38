import { expect, test } from 'vitest';
import { z } from 'zod';
import { invalidFields } from './field-faults.js';
import { QuickFields } from './inference.js';
import { CheckpointUploadFields, TrainingJobInput } from './jobs.js';
import { problemOf } from './problem.js';

const problemsOf = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value);
  const failure = invalidFields(error!);
  return [problemOf(failure, 'r', 'en'), problemOf(failure, 'r', 'ko')] as const;
};

test.each([
  ['confidence_threshold', '2', '1 이하여야 합니다'],
  ['confidence_threshold', 'NaN', '숫자 값이어야 합니다'],
  ['max_detections', '0', '1 이상이어야 합니다'],
  ['max_detections', '1.5', '정수 값이어야 합니다'],
  ['agnostic_nms', 'yes', 'true, false, 1, 0 중 하나여야 합니다'],
  ['masks', 'squares', '다음 중 하나여야 합니다: polygon, rle, none'],
  ['classes', 'a,b', '쉼표로 구분한 정수여야 합니다'],
  ['session_id', '../x', '영문자, 숫자, "-", "_"로 이루어진 1~64자여야 합니다'],
  ['filename', 'x'.repeat(300), '길이가 255자 이하여야 합니다'],
  ['training_job_id', undefined, '필수 값입니다'],
])('%s = %j is refused in Korean: %s', (field, value, message) => {
  const [english, korean] = problemsOf(QuickFields, { training_job_id: '1', [field]: value });
  expect(korean.errors?.[0]?.message).toBe(message);
  expect(korean.detail).toContain(message);
  expect(english.detail).toMatch(new RegExp(`^${field}[.\\d]*: [ -~]+$`));
  expect(korean.params).toEqual(english.params);
});

test('a request with many faults gets an answer that can be read', () => {
  const many = {
    ...{ name: 'x', model_name: 'x', task_type: 'object_detection', num_classes: 1 },
    class_names: Array(5_000).fill(1),
  };
  const strange = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, 1]));
  for (const value of [many, { ...many, class_names: null, ...strange }]) {
    for (const problem of problemsOf(TrainingJobInput, value)) {
      expect(JSON.stringify(problem).length).toBeLessThan(10_000);
      expect(problem.errors?.length).toBeLessThanOrEqual(21);
    }
  }
  const [english, korean] = problemsOf(TrainingJobInput, many);
  expect(english.errors?.at(-1)).toEqual({ field: '(request)', message: '4980 more faults' });
  expect(korean.errors?.at(-1)?.message).toBe('그 밖에 오류가 4980개 더 있습니다');
});

test('every wrong field is named in both languages, the unknown ones too', () => {
  const [english, korean] = problemsOf(TrainingJobInput, { name: '', num_classes: -1, more: 1 });
  expect(korean.errors?.map(({ field }) => field)).toEqual(english.errors?.map(({ field }) => field));
  expect(korean.errors?.at(-1)).toEqual({ field: '(request)', message: '알 수 없는 필드가 있습니다: more' });
  for (const { message } of korean.errors ?? []) expect(message).toMatch(/[가-힣]/);
});

test('metadata that is nested too deep is refused in both languages', () => {
  const [english, korean] = problemsOf(CheckpointUploadFields, { metadata: '['.repeat(65) });
  expect(english.errors).toEqual([{ field: 'metadata', message: 'must not be nested deeper than 64 levels' }]);
  expect(korean.errors?.[0]?.message).toBe('중첩 단계가 64단계 이하여야 합니다');
});

test('a name of a picture has no control characters', () => {
  const { filename } = QuickFields.parse({ training_job_id: '1', filename: 'a\r\nb\u0000.png' });
  expect(filename).toBe('ab.png');
});

test('a rule that has no words of ours is said in zod’s Korean', () => {
  const [, korean] = problemsOf(z.object({ at: z.iso.datetime(), n: z.number().multipleOf(3) }), { at: 'x', n: 4 });
  for (const { message } of korean.errors ?? []) expect(message).toMatch(/^잘못된/);
});
