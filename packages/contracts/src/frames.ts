import { z } from 'zod';
import { errorCodes } from './errors.js';
import { PictureField, Sha256, TaskResult } from './inference.js';
import { CheckpointFindings } from './jobs.js';
import { InferenceOptions } from './options.js';
import { TaskType } from './tasks.js';

/** What the caller's job says of a checkpoint, for checking it and for naming its classes. */
export const JobHints = z.object({
  taskType: TaskType.optional(),
  numClasses: z.int().optional(),
  classNames: z.array(z.string()).optional(),
});
export type JobHints = z.infer<typeof JobHints>;

/** Parent to child. One message is under way at a time; the child answers each with one message. */
export const ParentMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('load'), path: z.string(), sha256: Sha256, threads: z.int().min(1) }),
  z.object({
    type: z.literal('infer'),
    id: z.int(),
    requestId: z.string(),
    hints: JobHints,
    options: InferenceOptions,
    pixelsMax: z.int(),
    /** Of the whole answer: a child that would have to say more says so instead. */
    responseBytesMax: z.int(),
  }),
]);
export type ParentMessage = z.infer<typeof ParentMessage>;

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

export const FrameFailure = z.object({
  code: z.enum(errorCodes),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.object({ en: z.string(), ko: z.string() })])),
});
export type FrameFailure = z.infer<typeof FrameFailure>;

const memory = { rssBytes: z.number() };

/** Child to parent. */
export const ChildMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('booted'), ...memory }),
  z.object({
    type: z.literal('loaded'),
    findings: CheckpointFindings,
    warnings: z.array(z.string()),
    loadMs: z.number(),
    canaryMs: z.number(),
    ...memory,
  }),
  z.object({ type: z.literal('refused'), failure: FrameFailure, ...memory }),
  z.object({
    type: z.literal('result'),
    id: z.int(),
    result: TaskResult,
    timings: ChildTimings,
    /** Names the attachments, in order. */
    pictures: z.array(PictureField),
    ...memory,
  }),
  z.object({ type: z.literal('failed'), id: z.int(), failure: FrameFailure, ...memory }),
]);
export type ChildMessage = z.infer<typeof ChildMessage>;
