import type { QuickFields, WorkerQuickFields } from '@lensgate/contracts';
import { expect } from 'vitest';
import { nameless } from './doors.js';
import { boxesIn, isRefused, optionRows, type Row, saysIgnored } from './option-rows.js';

const filename: Row = {
  value: '옷장.png',
  check: (told, before, form) => {
    expect(before.body.image_name).toBe(form.imageName);
    if (form.kind === 'quick') return expect(told.body.image_name).toBe('옷장.png');
    expect(told.body.image_name).toBe(form.imageName);
    return saysIgnored('filename', told, before);
  },
};

/** What each field of the gateway's inference routes does. */
export const gatewayRows: Readonly<Record<keyof QuickFields, Row>> = {
  ...optionRows,
  filename,
  training_job_id: {
    value: 22,
    check: (told, before) =>
      expect([before.body.task_type, told.body.task_type]).toEqual(['object_detection', 'image_classification']),
  },
  checkpoint_path: {
    value: 'pretrained',
    check: (told, before) =>
      expect([before.body.model, told.body.model]).toMatchObject([
        { checkpoint_path: 'demo_20' },
        { checkpoint_path: 'pretrained' },
      ]),
  },
  image_path: {
    value: 'another-handle',
    check: (told, before, { kind, picture }) => {
      if (kind === 'batch') return saysIgnored('image_path', told, before);
      if (picture === 'sent') return isRefused('FIELD_INVALID', told, before);
      expect(before.body.image_path).toMatch(/^upload_/);
      return isRefused('HANDLE_NOT_FOUND', told, before);
    },
  },
  session_id: {
    value: 'another-session',
    check: (told, before, { picture }) =>
      picture === 'sent' ? saysIgnored('session_id', told, before) : isRefused('HANDLE_NOT_FOUND', told, before),
  },
};

/** The platform's own: an answer says nothing of it, with or without it. */
const ofThePlatform: Row = {
  value: '/data/wardrobe',
  check: (told, before) => {
    expect(boxesIn(told)).toEqual(boxesIn(before));
    expect(told.body.warnings).toEqual([]);
  },
};

/** What each field of a worker's inference routes does. */
export const workerRows: Readonly<Record<keyof WorkerQuickFields, Row>> = {
  ...optionRows,
  filename,
  dataset_path: ofThePlatform,
  output_dir: ofThePlatform,
  training_job_id: {
    value: 4_711,
    with: { model_name: 'no-such-model' },
    check: (told, before) => {
      expect([before.body.code, told.body.code]).toEqual(['CHECKPOINT_MISSING', 'CHECKPOINT_MISSING']);
      expect([before.body.detail, told.body.detail]).toEqual([
        expect.stringContaining('job 20 '),
        expect.stringContaining('job 4711 '),
      ]);
    },
  },
  framework: { value: 'paddle', check: (told, before) => isRefused('FRAMEWORK_NOT_SERVED', told, before) },
  model_name: { value: 'no-such-model', check: (told, before) => isRefused('CHECKPOINT_MISSING', told, before) },
  task_type: { value: 'depth_estimation', check: (told, before) => isRefused('TASK_NOT_SERVED', told, before) },
  num_classes: { value: 3, check: (told, before) => isRefused('CHECKPOINT_REFUSED', told, before) },
  checkpoint_path: {
    value: 'some-handle',
    check: (told, before) => {
      expect(told.body.model).toMatchObject({ checkpoint_path: 'some-handle' });
      saysIgnored('checkpoint_path', told, before);
    },
  },
  checkpoint_sha256: {
    value: '0'.repeat(64),
    check: (told, before) => isRefused('CHECKPOINT_NEEDED', told, before),
  },
  class_names: {
    value: '["가방","나비","다리"]',
    with: nameless,
    check: (told, before) => expect([boxesIn(before)[0]?.label, boxesIn(told)[0]?.label]).toEqual(['0', '가방']),
  },
  image_path: {
    value: 'some-handle',
    check: (told, before, { kind }) =>
      kind === 'batch'
        ? saysIgnored('image_path', told, before)
        : expect([before.body.image_path, told.body.image_path]).toEqual([undefined, 'some-handle']),
  },
  warnings: {
    value: '["said by the gateway"]',
    check: (told, before) => expect([before.body.warnings, told.body.warnings]).toEqual([[], ['said by the gateway']]),
  },
};
