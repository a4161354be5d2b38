import { z } from 'zod';
import type { ErrorCode } from './errors.js';
import {
  GatewayModels,
  GatewayReady,
  Health,
  ModelEntry,
  ModelsQuery,
  StoredCheckpoint,
  WorkerModels,
  WorkerReady,
} from './health.js';
import {
  BatchFields,
  BatchReply,
  batchFilesMax,
  InferenceReply,
  QuickFields,
  Sha256,
  WorkerBatchFields,
  WorkerQuickFields,
} from './inference.js';
import {
  Checkpoint,
  CheckpointList,
  CheckpointPatch,
  CheckpointUploadFields,
  JobId,
  ListQuery,
  TrainingJob,
  TrainingJobInput,
  TrainingJobList,
  TrainingJobPatch,
} from './jobs.js';
import { keyRoutes } from './key-routes.js';
import { TaskType } from './tasks.js';
import { CleanedSession, SessionId, UploadedImage, UploadImageFields } from './uploads.js';
import { emptyAsAbsent, wireJson, wireNumber } from './wire-values.js';

export type RequestBody =
  | { readonly kind: 'json'; readonly schema: z.ZodType }
  /** One file, or up to `filesMax`, and text fields, in any order. */
  | { readonly kind: 'multipart'; readonly file: string; readonly filesMax?: number; readonly fields: z.ZodType }
  | { readonly kind: 'binary'; readonly mediaType: string }
  | FormsBody;

/**
 * One file and fields, in whichever form the caller likes: multipart, or the file as the body and the fields in the query.
 * Where a field may stand for the file, the fields come as JSON or in the query alone, too. Every form is read by the one
 * schema; a field in the body counts before the same in the query.
 */
export interface FormsBody {
  readonly kind: 'forms';
  readonly file: string;
  readonly fields: z.ZodObject;
  /** The field that names a file which was sent before. */
  readonly instead?: string;
  /** Media types of a file that is the body; `type/*` for all of a type. */
  readonly raw: readonly string[];
}

/** One operation of the wire. Handlers, clients and the OpenAPI document read it; nothing is said twice. */
export interface RouteContract {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Full path, parameters in Fastify's form (`:id`). */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: RequestBody;
  readonly replies: Readonly<Record<number, z.ZodType | 'text' | 'html' | 'empty'>>;
  readonly errors: readonly ErrorCode[];
}

/** Keeps the literal types of a route. */
export const defineRoute = <const T extends RouteContract>(route: T): T => route;

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

const multipartErrors = [
  'BOUNDARY_MISSING',
  'MULTIPART_MALFORMED',
  'FILE_MISSING',
  'FILE_TOO_LARGE',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'FIELD_INVALID',
] as const satisfies readonly ErrorCode[];
const jsonErrors = [
  'BODY_MALFORMED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'FIELD_INVALID',
] as const satisfies readonly ErrorCode[];

/** What running a picture through a checkpoint may be answered. */
const inferenceErrors = [
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
] as const satisfies readonly ErrorCode[];
const workerErrors = ['WORKER_UNREACHABLE', 'WORKER_PROTOCOL'] as const satisfies readonly ErrorCode[];

/** A picture may be the body itself under these. */
const pictureTypes = ['image/*', 'application/octet-stream'] as const;

const batchSummary =
  'Runs up to 64 pictures through one checkpoint; with Accept: application/x-ndjson each is answered on a line as it is done';

const v1 = '/api/v1';
const jobParams = z.object({ id: JobId });
const checkpointParams = z.object({ id: JobId, checkpoint_id: z.string().min(1).max(100) });
const digestParams = z.object({ sha256: Sha256 });

const health = defineRoute({
  id: 'getHealth',
  method: 'GET',
  path: '/health',
  tag: 'service',
  summary: 'Says that the process lives',
  replies: { 200: Health },
  errors: [],
});
const metrics = defineRoute({
  id: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'service',
  summary: 'Metrics in the Prometheus text format',
  replies: { 200: 'text' },
  errors: [],
});

export const gatewayRoutes = {
  quickInference: defineRoute({
    id: 'quickInference',
    method: 'POST',
    path: `${v1}/test_inference/inference/quick`,
    tag: 'inference',
    summary: 'Runs one picture through a training job’s checkpoint',
    body: { kind: 'forms', file: 'file', instead: 'image_path', fields: QuickFields, raw: pictureTypes },
    replies: { 200: InferenceReply },
    errors: [
      ...multipartErrors,
      'BODY_MALFORMED',
      'HANDLE_NOT_FOUND',
      'HANDLE_EXPIRED',
      'JOB_NOT_FOUND',
      'CHECKPOINT_NOT_FOUND',
      'CHECKPOINT_MISSING',
      ...inferenceErrors,
      ...workerErrors,
      'DATABASE_UNAVAILABLE',
    ],
  }),
  batchInference: defineRoute({
    id: 'batchInference',
    method: 'POST',
    path: `${v1}/test_inference/inference/batch`,
    tag: 'inference',
    summary: batchSummary,
    body: { kind: 'multipart', file: 'files', filesMax: batchFilesMax, fields: BatchFields },
    replies: { 200: BatchReply },
    errors: [
      ...multipartErrors,
      'JOB_NOT_FOUND',
      'CHECKPOINT_NOT_FOUND',
      'CHECKPOINT_MISSING',
      ...inferenceErrors,
      ...workerErrors,
      'DATABASE_UNAVAILABLE',
    ],
  }),
  uploadImage: defineRoute({
    id: 'uploadImage',
    method: 'POST',
    path: `${v1}/test_inference/inference/upload-image`,
    tag: 'inference',
    summary: 'Keeps a picture for 24 hours and answers a handle, which an inference may name as image_path',
    body: { kind: 'multipart', file: 'file', fields: UploadImageFields },
    replies: { 200: UploadedImage },
    errors: [...multipartErrors, 'SESSION_FULL', 'STORE_FULL', 'DATABASE_UNAVAILABLE'],
  }),
  deleteSession: defineRoute({
    id: 'deleteSession',
    method: 'DELETE',
    path: `${v1}/test_inference/inference/session/:session_id`,
    tag: 'inference',
    summary: 'Removes the uploaded pictures of a session',
    params: z.object({ session_id: SessionId }),
    replies: { 200: CleanedSession },
    errors: ['FIELD_INVALID', 'DATABASE_UNAVAILABLE'],
  }),
  listJobs: defineRoute({
    id: 'listJobs',
    method: 'GET',
    path: `${v1}/training/jobs`,
    tag: 'training jobs',
    summary: 'Lists training jobs, the highest id first, page by page',
    query: ListQuery,
    replies: { 200: TrainingJobList },
    errors: ['FIELD_INVALID', 'DATABASE_UNAVAILABLE'],
  }),
  createJob: defineRoute({
    id: 'createJob',
    method: 'POST',
    path: `${v1}/training/jobs`,
    tag: 'training jobs',
    summary: 'Creates a training job under an id of the gateway',
    body: { kind: 'json', schema: TrainingJobInput },
    replies: { 201: TrainingJob },
    errors: [...jsonErrors, 'DATABASE_UNAVAILABLE'],
  }),
  getJob: defineRoute({
    id: 'getJob',
    method: 'GET',
    path: `${v1}/training/jobs/:id`,
    tag: 'training jobs',
    summary: 'Reads a training job',
    params: jobParams,
    replies: { 200: TrainingJob },
    errors: ['FIELD_INVALID', 'JOB_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  putJob: defineRoute({
    id: 'putJob',
    method: 'PUT',
    path: `${v1}/training/jobs/:id`,
    tag: 'training jobs',
    summary: 'Creates or replaces a training job under the platform’s own id',
    params: jobParams,
    body: { kind: 'json', schema: TrainingJobInput },
    replies: { 200: TrainingJob, 201: TrainingJob },
    errors: [...jsonErrors, 'JOB_ID_TAKEN', 'DATABASE_UNAVAILABLE'],
  }),
  patchJob: defineRoute({
    id: 'patchJob',
    method: 'PATCH',
    path: `${v1}/training/jobs/:id`,
    tag: 'training jobs',
    summary: 'Changes fields of a training job',
    params: jobParams,
    body: { kind: 'json', schema: TrainingJobPatch },
    replies: { 200: TrainingJob },
    errors: [...jsonErrors, 'JOB_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  deleteJob: defineRoute({
    id: 'deleteJob',
    method: 'DELETE',
    path: `${v1}/training/jobs/:id`,
    tag: 'training jobs',
    summary: 'Deletes a training job and its checkpoints',
    params: jobParams,
    replies: { 204: 'empty' },
    errors: ['FIELD_INVALID', 'JOB_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  listCheckpoints: defineRoute({
    id: 'listCheckpoints',
    method: 'GET',
    path: `${v1}/training/jobs/:id/checkpoints`,
    tag: 'checkpoints',
    summary: 'Lists the checkpoints of a training job, newest first',
    params: jobParams,
    replies: { 200: CheckpointList },
    errors: ['FIELD_INVALID', 'JOB_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  uploadCheckpoint: defineRoute({
    id: 'uploadCheckpoint',
    method: 'POST',
    path: `${v1}/training/jobs/:id/checkpoints`,
    tag: 'checkpoints',
    summary:
      'Uploads an ONNX checkpoint, or a zip with one and its configuration; the worker of the job’s framework looks into it and says what it found',
    params: jobParams,
    body: { kind: 'multipart', file: 'file', fields: CheckpointUploadFields },
    replies: { 200: CheckpointList, 201: CheckpointList, 202: CheckpointList },
    errors: [...multipartErrors, 'JOB_NOT_FOUND', 'CHECKPOINT_REFUSED', 'TASK_NOT_SERVED', 'DATABASE_UNAVAILABLE'],
  }),
  patchCheckpoint: defineRoute({
    id: 'patchCheckpoint',
    method: 'PATCH',
    path: `${v1}/training/jobs/:id/checkpoints/:checkpoint_id`,
    tag: 'checkpoints',
    summary: 'Changes a checkpoint: whether it is the best, its epoch',
    params: checkpointParams,
    body: { kind: 'json', schema: CheckpointPatch },
    replies: { 200: Checkpoint },
    errors: [...jsonErrors, 'JOB_NOT_FOUND', 'CHECKPOINT_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  deleteCheckpoint: defineRoute({
    id: 'deleteCheckpoint',
    method: 'DELETE',
    path: `${v1}/training/jobs/:id/checkpoints/:checkpoint_id`,
    tag: 'checkpoints',
    summary: 'Deletes a checkpoint',
    params: checkpointParams,
    replies: { 204: 'empty' },
    errors: ['FIELD_INVALID', 'JOB_NOT_FOUND', 'CHECKPOINT_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
  listModels: defineRoute({
    id: 'listModels',
    method: 'GET',
    path: `${v1}/models/list`,
    tag: 'models',
    summary: 'Lists what the workers offer; a worker that is away is named',
    query: ModelsQuery,
    replies: { 200: GatewayModels },
    errors: ['FIELD_INVALID'],
  }),
  ...keyRoutes,
  health,
  ready: defineRoute({
    id: 'getReady',
    method: 'GET',
    path: '/ready',
    tag: 'service',
    summary: 'Says whether the gateway can serve, with its workers as details',
    replies: { 200: GatewayReady, 503: GatewayReady },
    errors: [],
  }),
  metrics,
  openapi: defineRoute({
    id: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    tag: 'service',
    summary: 'This document',
    replies: { 200: z.looseObject({ openapi: z.string() }) },
    errors: [],
  }),
} as const;

export const workerRoutes = {
  quickInference: defineRoute({
    id: 'workerQuickInference',
    method: 'POST',
    path: '/inference/quick',
    tag: 'inference',
    summary: 'Runs one picture through a checkpoint',
    body: { kind: 'forms', file: 'file', fields: WorkerQuickFields, raw: pictureTypes },
    replies: { 200: InferenceReply },
    errors: [...multipartErrors, 'KEY_REQUIRED', 'CHECKPOINT_NEEDED', 'CHECKPOINT_MISSING', ...inferenceErrors],
  }),
  batchInference: defineRoute({
    id: 'workerBatchInference',
    method: 'POST',
    path: '/inference/batch',
    tag: 'inference',
    summary: batchSummary,
    body: { kind: 'multipart', file: 'files', filesMax: batchFilesMax, fields: WorkerBatchFields },
    replies: { 200: BatchReply },
    errors: [...multipartErrors, 'KEY_REQUIRED', 'CHECKPOINT_NEEDED', 'CHECKPOINT_MISSING', ...inferenceErrors],
  }),
  putCheckpoint: defineRoute({
    id: 'putCheckpoint',
    method: 'PUT',
    path: '/checkpoints/:sha256',
    tag: 'checkpoints',
    summary: 'Stores a checkpoint under its digest and looks into it',
    params: digestParams,
    query: z.object({
      task_type: TaskType.optional(),
      num_classes: wireNumber(z.int().min(0)).optional(),
      class_names: emptyAsAbsent(wireJson(z.array(z.string())).optional()),
    }),
    body: { kind: 'binary', mediaType: 'application/octet-stream' },
    replies: { 200: StoredCheckpoint },
    errors: [
      'FIELD_INVALID',
      'MEDIA_TYPE_UNSUPPORTED',
      'KEY_REQUIRED',
      'FILE_TOO_LARGE',
      'DIGEST_MISMATCH',
      'MEMORY_EXHAUSTED',
      'STARTING',
      'DRAINING',
      'CHILD_CRASHED',
    ],
  }),
  getCheckpoint: defineRoute({
    id: 'getCheckpoint',
    method: 'GET',
    path: '/checkpoints/:sha256',
    tag: 'checkpoints',
    summary: 'Says what the worker knows of a checkpoint',
    params: digestParams,
    replies: { 200: ModelEntry },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'MODEL_NOT_FOUND'],
  }),
  deleteCheckpoint: defineRoute({
    id: 'deleteStoredCheckpoint',
    method: 'DELETE',
    path: '/checkpoints/:sha256',
    tag: 'checkpoints',
    summary: 'Unloads a checkpoint and removes it from the store',
    params: digestParams,
    replies: { 204: 'empty' },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'MODEL_NOT_FOUND'],
  }),
  listModels: defineRoute({
    id: 'listWorkerModels',
    method: 'GET',
    path: '/models/list',
    tag: 'models',
    summary: 'Lists the families this worker serves and the checkpoints it holds',
    replies: { 200: WorkerModels },
    errors: ['KEY_REQUIRED'],
  }),
  getModel: defineRoute({
    id: 'getWorkerModel',
    method: 'GET',
    path: '/models/*',
    tag: 'models',
    summary: 'Reads a built-in model by its name, which may contain slashes',
    params: z.object({ '*': z.string().min(1).max(200) }),
    replies: { 200: ModelEntry },
    errors: ['KEY_REQUIRED', 'MODEL_NOT_FOUND'],
  }),
  health,
  ready: defineRoute({
    id: 'getWorkerReady',
    method: 'GET',
    path: '/ready',
    tag: 'service',
    summary: 'Says whether this worker can serve',
    replies: { 200: WorkerReady, 503: WorkerReady },
    errors: [],
  }),
  metrics,
} as const;
