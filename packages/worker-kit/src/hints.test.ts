import type { CheckpointFindings } from '@lensgate/contracts';
import { describe, expect, test } from 'vitest';
import { contradiction, hintWarnings } from './hints.js';

const someFindings = (findings: Partial<CheckpointFindings> = {}): CheckpointFindings => ({
  family: 'yolo-detect',
  task_type: 'object_detection',
  inputs: [],
  outputs: [],
  input_width: 320,
  input_height: 320,
  num_classes: 2,
  class_names: ['shirt', 'bag'],
  ...findings,
});

describe('a job against its checkpoint', () => {
  test('agrees when task and classes are the same', () => {
    expect(contradiction(someFindings(), { taskType: 'object_detection', numClasses: 2 })).toBeUndefined();
  });

  test('agrees when one side says nothing; 0 classes say nothing', () => {
    expect(contradiction(someFindings(), {})).toBeUndefined();
    expect(contradiction(someFindings(), { numClasses: 0 })).toBeUndefined();
    expect(contradiction(someFindings({ num_classes: null }), { numClasses: 7 })).toBeUndefined();
  });

  test('contradicts it with words about the task', () => {
    const failure = contradiction(someFindings(), { taskType: 'instance_segmentation' });
    expect(failure).toMatchObject({
      code: 'CHECKPOINT_REFUSED',
      message: 'The checkpoint is made for object_detection, the job for instance_segmentation.',
    });
  });

  test('contradicts it with words about the number of classes', () => {
    const failure = contradiction(someFindings(), { taskType: 'object_detection', numClasses: 3 });
    expect(failure?.message).toBe('The checkpoint has 2 classes, the job 3 (num_classes).');
  });
});

describe('warnings about names', () => {
  test('none when the names are the same, or only the checkpoint has some', () => {
    expect(hintWarnings(someFindings(), { classNames: ['shirt', 'bag'] })).toEqual([]);
    expect(hintWarnings(someFindings(), {})).toEqual([]);
  });

  test('names in another order are told, and whose are used', () => {
    expect(hintWarnings(someFindings(), { classNames: ['bag', 'shirt'] })).toMatchObject([
      { en: "The job's class names differ from the checkpoint's; the checkpoint's are used." },
    ]);
  });

  test('labels that will be numbers are told', () => {
    expect(hintWarnings(someFindings({ class_names: null }), {})[0]?.en).toContain('labels are numbers');
  });

  test('too few names for the classes are told', () => {
    expect(hintWarnings(someFindings({ class_names: null }), { classNames: ['shirt'] })).toMatchObject([
      { en: 'The job names 1 classes, the checkpoint has 2.' },
    ]);
  });
});
