import type { ErrorCode } from '../errors.js';

/** What any request may be answered, besides a route's own codes. */
export const commonErrors = [
  'REQUEST_MALFORMED',
  'ROUTE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'HOST_REFUSED',
  'ORIGIN_REFUSED',
  'REQUEST_TIMEOUT',
  'HEADERS_TOO_LARGE',
  'INTERNAL',
] as const satisfies readonly ErrorCode[];

export const multipartErrors = [
  'BOUNDARY_MISSING',
  'MULTIPART_MALFORMED',
  'FILE_MISSING',
  'FILE_TOO_LARGE',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'FIELD_INVALID',
] as const satisfies readonly ErrorCode[];
export const jsonErrors = [
  'BODY_MALFORMED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'FIELD_INVALID',
] as const satisfies readonly ErrorCode[];

/** What running a picture through a checkpoint may be answered. */
export const inferenceErrors = [
  'IMAGE_TOO_LARGE',
  'IMAGE_UNSUPPORTED',
  'IMAGE_DAMAGED',
  'RESPONSE_TOO_LARGE',
  'FRAMEWORK_NOT_SERVED',
  'INPUT_QUARANTINED',
  'CHECKPOINT_REFUSED',
  'TASK_NOT_SERVED',
  'QUEUE_FULL',
  'UPLOADS_FULL',
  'INFERENCE_FAILED',
  'CHILD_CRASHED',
  'STARTING',
  'DRAINING',
  'DEADLINE_EXCEEDED',
  'DEADLINE_TOO_SHORT',
  'MEMORY_EXHAUSTED',
  'MEMORY_PINNED',
] as const satisfies readonly ErrorCode[];
export const workerErrors = ['WORKER_UNREACHABLE', 'WORKER_PROTOCOL'] as const satisfies readonly ErrorCode[];

/** What loading a checkpoint may be answered. */
export const loadErrors = [
  'FIELD_INVALID',
  'CHECKPOINT_REFUSED',
  'QUEUE_FULL',
  'CHILD_CRASHED',
  'STARTING',
  'DRAINING',
  'DEADLINE_EXCEEDED',
  'MEMORY_EXHAUSTED',
  'MEMORY_PINNED',
] as const satisfies readonly ErrorCode[];
