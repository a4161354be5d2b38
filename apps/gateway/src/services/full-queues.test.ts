import { fail, problemOf } from '@lensgate/contracts';
import { expect, test } from 'vitest';
import { createFullQueues } from './full-queues.js';

const job = { work: { training_job_id: '20' }, viewer: { sees: 'all' } } as const;
const full = fail('QUEUE_FULL', { waiting: 64, retry_after_s: 3 });
const answerOf = (failure: ReturnType<typeof fail>, headers: Record<string, string> = { 'x-full-for-ms': '300' }) => ({
  status: failure.status,
  headers,
  body: Buffer.from(JSON.stringify(problemOf(failure, 'some-request'))),
});

function someQueues() {
  let nowMs = 0;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  const queues = createFullQueues(() => nowMs);
  return { queues, pass, leave: queues.enter(job) };
}

test('a full queue is remembered for as long as the worker has said, with its words', () => {
  const { queues, pass } = someQueues();
  expect(queues.refusal(job)).toBeUndefined();
  queues.note({ ...job, work: { training_job_id: 20 } }, answerOf(full));
  const refusal = queues.refusal(job);
  expect([refusal?.message, refusal?.extras.retryAfterS]).toEqual([full.message, 3]);
  pass(301);
  expect(queues.refusal(job)).toBeUndefined();
});

test('it says nothing of other jobs, nor of other checkpoints of the job, nor to another owner', () => {
  const { queues } = someQueues();
  queues.note(job, answerOf(full));
  const others = [
    { ...job, work: { training_job_id: '21' } },
    { ...job, work: { training_job_id: '20', checkpoint_path: 'ckpt_1' } },
    { ...job, viewer: { sees: 'own', ownerId: 'somebody' } as const },
  ];
  for (const other of others) queues.enter(other);
  expect(queues.refusal(job)).toBeDefined();
  expect(others.map((other) => queues.refusal(other))).toEqual(others.map(() => undefined));
});

test('when nobody waits for an answer any more, a worker is asked again', () => {
  const { queues, leave } = someQueues();
  const leaveToo = queues.enter(job);
  queues.note(job, answerOf(full));
  leave();
  expect(queues.refusal(job)).toBeDefined();
  leaveToo();
  expect(queues.refusal(job)).toBeUndefined();
});

test('refusals that say no time, and other answers, are not remembered', () => {
  const { queues } = someQueues();
  queues.note(job, answerOf(full, {}));
  queues.note(job, answerOf(fail('DRAINING', {})));
  queues.note(job, { status: 200, headers: { 'x-full-for-ms': '300' }, body: Buffer.from('{}') });
  expect(queues.refusal(job)).toBeUndefined();
});

test('no worker can have a job refused for long', () => {
  const { queues, pass } = someQueues();
  queues.note(job, answerOf(full, { 'x-full-for-ms': '3600000' }));
  pass(1_001);
  expect(queues.refusal(job)).toBeUndefined();
});
