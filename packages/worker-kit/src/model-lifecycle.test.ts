import { type CheckpointFindings, fail } from '@lensgate/contracts';
import { describe, expect, test } from 'vitest';
import { type ModelState, nextModelState } from './model-lifecycle.js';

const findings: CheckpointFindings = {
  family: 'some',
  task_type: 'object_detection',
  inputs: [],
  outputs: [],
  input_width: 1,
  input_height: 1,
  num_classes: 1,
  class_names: null,
};
const odd = { en: 'odd', ko: '이상함' };
const stored: ModelState = { state: 'stored' };
const load = (from: ModelState) => nextModelState(from, { type: 'load' });
const crash = (from: ModelState, nowMs = 0) => nextModelState(load(from), { type: 'load-crashed', nowMs });

describe('model life cycle', () => {
  test('a checkpoint that loads is ready with what was found', () => {
    const ready = nextModelState(load(stored), { type: 'loaded', findings, warnings: [odd] });
    expect(ready).toEqual({ state: 'ready', findings, warnings: [odd], deaths: 0 });
  });

  test('a refused checkpoint keeps its reason, and is not loaded again', () => {
    const failure = fail('CHECKPOINT_REFUSED', { reason: 'no' });
    const refused = nextModelState(load(stored), { type: 'refused', failure });
    expect(refused).toEqual({ state: 'refused', failure });
    expect(() => load(refused)).toThrow('not loaded again');
  });

  test('a checkpoint that ends its children is tried again later and later, then not before somebody asks', () => {
    const waits: number[] = [];
    let state: ModelState = stored;
    for (let time = 0; time < 5; time++) {
      state = crash(state, 1_000);
      if (state.state === 'failing') waits.push(state.retryAtMs - 1_000);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(state).toMatchObject({ state: 'stopped', failures: 5, failure: { code: 'CHECKPOINT_REFUSED' } });
    expect(() => load(state)).toThrow('not loaded again');
    expect(nextModelState(state, { type: 'stored' })).toEqual(stored);
  });

  test('one load that works forgets the crashes before it', () => {
    const ready = nextModelState(load(crash(crash(stored))), { type: 'loaded', findings, warnings: [] });
    expect(crash(ready)).toMatchObject({ state: 'failing', failures: 1 });
  });

  test('children that end over pictures one after the other delay the next, later and later up to a bound', () => {
    const waits: number[] = [];
    let state = nextModelState(load(stored), { type: 'loaded', findings, warnings: [] });
    for (let time = 0; time < 9; time++) {
      state = nextModelState(state, { type: 'run-crashed', nowMs: 1_000 });
      if (state.state !== 'failing') continue;
      waits.push(state.retryAtMs - 1_000);
      state = nextModelState(load(state), { type: 'loaded', findings, warnings: [] });
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  test('one picture that is answered forgets the deaths before it', () => {
    const die = (from: ModelState) => nextModelState(from, { type: 'run-crashed', nowMs: 0 });
    const ready = nextModelState(load(stored), { type: 'loaded', findings, warnings: [] });
    const answered = nextModelState(die(die(ready)), { type: 'answered' });
    expect(answered).toMatchObject({ state: 'ready', deaths: 0 });
    expect(die(answered)).toMatchObject({ state: 'ready', deaths: 1 });
  });
});
