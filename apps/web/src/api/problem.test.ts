import { expect, test } from 'vitest';
import { failureOf } from './problem.js';

test('a problem document is understood', () => {
  const problem = { detail: 'There is no training job 7.', code: 'JOB_NOT_FOUND', request_id: 'r' };
  expect(failureOf(404, JSON.stringify(problem))).toEqual({ kind: 'problem', problem });
});

test.each(['<html>502 Bad Gateway</html>', '', 'null', '"text"', '[]', '{"error":"x"}'])(
  'a body that is not ours leaves the status: %s',
  (body) => {
    expect(failureOf(502, body)).toEqual({ kind: 'unreadable', status: 502 });
  },
);

test('JSON of another form with a success is told apart from a page of a proxy', () => {
  expect(failureOf(200, '{"detections":[]}')).toEqual({ kind: 'foreign' });
  expect(failureOf(200, '<html></html>')).toEqual({ kind: 'unreadable', status: 200 });
});
