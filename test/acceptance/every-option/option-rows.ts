import type { InferenceOptions, PredictedBox } from '@lensgate/contracts';
import type { Fields } from '@lensgate/testing';
import { expect } from 'vitest';
import type { JobName } from './doors.js';
import type { Form, Told } from './forms.js';

/** What setting one field does. */
export interface Row {
  /** The detector, unless it says otherwise. */
  readonly job?: JobName;
  /** Set with the field and without it. */
  readonly with?: Fields;
  readonly value: string | number | boolean;
  /** Compares the answer with the one that comes when only this field is left out. */
  check(told: Told, before: Told, form: Form): void;
}

export const boxesIn = ({ body }: Told): PredictedBox[] => (body.predicted_boxes ?? []) as PredictedBox[];
const warningsIn = ({ body }: Told): string[] => (body.warnings ?? []) as string[];
const masksIn = ({ body }: Told) => body.predicted_masks as { polygon?: number[][]; rle?: object }[];
const overlayIn = ({ body }: Told) => Buffer.from(String(body.overlay_base64 ?? ''), 'base64');

/** Nothing is ignored silently. */
export function saysIgnored(name: string, told: Told, before: Told): void {
  expect([told.status, before.status]).toEqual([200, 200]);
  expect(warningsIn(before).filter((words) => words.includes(name))).toEqual([]);
  expect(warningsIn(told).filter((words) => new RegExp(`\\b${name}\\b.*ignored`).test(words))).toHaveLength(1);
}

/** Refused, where it was answered before. */
export function isRefused(code: string, told: Told, before: Told): void {
  expect([before.status, told.body.code]).toEqual([200, code]);
}

const fewer = (told: Told, before: Told) => {
  expect(boxesIn(told).length).toBeGreaterThan(0);
  expect(boxesIn(told).length).toBeLessThan(boxesIn(before).length);
};
/** Many boxes, so that suppression has something to do. */
const crowded = { confidence_threshold: 0.05, max_detections: 1_000 };

const ignored = (name: keyof InferenceOptions, value: Row['value']): Row => ({
  value,
  check: (told, before) => saysIgnored(name, told, before),
});

/** What each option does to an answer. */
export const optionRows: Readonly<Record<keyof InferenceOptions, Row>> = {
  confidence_threshold: {
    value: 0.66,
    check: (told, before) => {
      fewer(told, before);
      expect(boxesIn(told)).toEqual(boxesIn(before).filter(({ confidence }) => confidence > 0.66));
    },
  },
  iou_threshold: { value: 0.1, with: crowded, check: fewer },
  max_detections: {
    value: 2,
    check: (told, before) => expect(boxesIn(told)).toEqual(boxesIn(before).slice(0, 2)),
  },
  top_k: {
    job: 'classifier',
    value: 2,
    check: ({ body }, before) =>
      expect([body.predictions, before.body.predictions]).toMatchObject([{ length: 2 }, { length: 5 }]),
  },
  classes: {
    value: '4,6',
    check: (told, before) => {
      fewer(told, before);
      expect(boxesIn(told).every(({ class_id }) => [4, 6].includes(class_id))).toBe(true);
    },
  },
  agnostic_nms: { value: true, with: { ...crowded, iou_threshold: 0.2 }, check: fewer },
  retina_masks: {
    job: 'segmenter',
    value: false,
    check: (told, before) => {
      expect(masksIn(told)).toHaveLength(masksIn(before).length);
      expect(masksIn(told)).not.toEqual(masksIn(before));
    },
  },
  masks: {
    job: 'segmenter',
    value: 'rle',
    check: (told, before) => {
      expect(masksIn(told)[0]).toMatchObject({ rle: { size: expect.any(Array), counts: expect.any(String) } });
      expect(masksIn(told)[0]).not.toHaveProperty('polygon');
      expect(masksIn(before)[0]).toHaveProperty('polygon');
    },
  },
  overlay: {
    value: true,
    check: (told, before) => {
      expect(before.body).not.toHaveProperty('overlay_base64');
      expect(overlayIn(told).subarray(1, 4).toString()).toBe('PNG');
    },
  },
  image_format: {
    value: 'webp',
    with: { overlay: true },
    check: (told, before) => {
      expect(overlayIn(before).subarray(1, 4).toString()).toBe('PNG');
      expect(overlayIn(told).subarray(8, 12).toString()).toBe('WEBP');
    },
  },
  tile: ignored('tile', 128),
  candidates: ignored('candidates', true),
  debug: ignored('debug', true),
  timeout_ms: {
    value: 1,
    check: (told, before) => {
      expect([before.status, told.status]).toEqual([200, 504]);
      expect(told.body.code).toMatch(/^DEADLINE_/);
    },
  },
};

/** The options that a family of the demo jobs does not read. */
export const ignoredBy: Readonly<Record<JobName, readonly (keyof InferenceOptions)[]>> = {
  detector: ['top_k', 'retina_masks', 'masks', 'tile', 'candidates', 'debug'],
  segmenter: ['top_k', 'tile', 'candidates', 'debug'],
  classifier: [
    'confidence_threshold',
    'iou_threshold',
    'max_detections',
    'classes',
    'agnostic_nms',
    'retina_masks',
    'masks',
    'tile',
    'candidates',
    'debug',
  ],
};
