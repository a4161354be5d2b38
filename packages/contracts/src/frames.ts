import { z } from 'zod';
import { errorCodes } from './errors.js';
import { PictureField, TaskResult } from './inference.js';
import { CheckpointFindings } from './jobs.js';
import type { InferenceOptions } from './options.js';
import type { TaskType } from './tasks.js';

/** What the caller's job says of a checkpoint, for checking it and for naming its classes. */
export interface JobHints {
  readonly taskType?: TaskType | undefined;
  readonly numClasses?: number | undefined;
  readonly classNames?: string[] | undefined;
}

/**
 * Parent to child. One message is under way at a time; the child answers each with one message. A child believes its
 * parent, so there is no schema.
 */
export type ParentMessage =
  | { readonly type: 'load'; readonly path: string; readonly sha256: string; readonly threads: number }
  | {
      readonly type: 'infer';
      readonly id: number;
      readonly requestId: string;
      readonly hints: JobHints;
      readonly options: InferenceOptions;
      readonly pixelsMax: number;
      /** Of the whole answer: a child that would have to say more says so instead. */
      readonly responseBytesMax: number;
    };

/** Milliseconds of one request inside the child. */
export const ChildTimings = z.object({
  decodeMs: z.number(),
  preprocessMs: z.number(),
  runMs: z.number(),
  postprocessMs: z.number(),
  renderMs: z.number(),
  encodeMs: z.number(),
});
export type ChildTimings = z.infer<typeof ChildTimings>;

const InWords = z.object({ en: z.string(), ko: z.string() });

const inWords = { warnings: z.array(InWords) };
const [detection, segmentation, classification] = TaskResult.options;
/** A task's result as a child says it: it does not know the caller's language. */
export const ChildResult = z.discriminatedUnion('task_type', [
  detection.extend(inWords),
  segmentation.extend(inWords),
  classification.extend(inWords),
]);
export type ChildResult = z.infer<typeof ChildResult>;

export const FrameFailure = z.object({
  code: z.enum(errorCodes),
  params: z.record(z.string(), z.union([z.string(), z.number(), InWords])),
});
export type FrameFailure = z.infer<typeof FrameFailure>;

const memory = { rssBytes: z.number() };

/** Child to parent. */
export const ChildMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('booted'), ...memory }),
  z.object({
    type: z.literal('loaded'),
    findings: CheckpointFindings,
    warnings: z.array(InWords),
    loadMs: z.number(),
    canaryMs: z.number(),
    ...memory,
  }),
  z.object({ type: z.literal('refused'), failure: FrameFailure, ...memory }),
  z.object({
    type: z.literal('result'),
    id: z.int(),
    result: ChildResult,
    timings: ChildTimings,
    /** Names the attachments, in order. */
    pictures: z.array(PictureField),
    ...memory,
  }),
  z.object({ type: z.literal('failed'), id: z.int(), failure: FrameFailure, ...memory }),
]);
export type ChildMessage = z.infer<typeof ChildMessage>;
