import { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import { StoredCheckpoint, WorkerReady } from '../health.js';
import { BatchReply, batchFilesMax, InferenceReply, WorkerBatchFields, WorkerQuickFields } from '../inference.js';
import { ModelEntry, WorkerModels } from '../models.js';
import { TaskType } from '../tasks.js';
import { emptyAsAbsent, wireJson, wireNumber } from '../wire-values.js';
import { defineRoute } from './route-contract.js';
import { inferenceErrors, loadErrors, multipartErrors } from './route-errors.js';
import { batchLines, batchSummary, digestParams, health, metrics, openapi, pictureTypes, TimeLimit } from './shared.js';

/** A name with slashes leaves no place for a parameter behind it, so the last part of the path is read with it. */
const nameAnd = <const A extends string>(...actions: A[]) =>
  z
    .string()
    .max(200)
    .regex(new RegExp(`^.+/(${actions.join('|')})$`), {
      error: `must be the name of a model and /${actions.join(' or /')}`,
    })
    .transform((path) => {
      const end = path.lastIndexOf('/');
      return { name: path.slice(0, end), action: path.slice(end + 1) as A };
    })
    .meta({ description: `The name of the model and /${actions.join(' or /')}.` });
const unloadErrors = [
  'FIELD_INVALID',
  'KEY_REQUIRED',
  'MODEL_NOT_FOUND',
  'DRAINING',
  'DEADLINE_EXCEEDED',
] as const satisfies readonly ErrorCode[];

/** Every operation of a worker. */
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
    lines: batchLines,
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
      task_type: TaskType.optional().meta({ description: 'What it should do; told apart it is refused.' }),
      num_classes: wireNumber(z.int().min(0)).optional().meta({ description: 'How many classes it should have.' }),
      class_names: emptyAsAbsent(wireJson(z.array(z.string())).optional()).meta({
        description: 'Names of the classes, by id, as JSON, if the file has none.',
      }),
    }),
    body: { kind: 'binary', mediaType: 'application/octet-stream' },
    replies: { 200: StoredCheckpoint },
    errors: [
      'FIELD_INVALID',
      'MEDIA_TYPE_UNSUPPORTED',
      'KEY_REQUIRED',
      'FILE_TOO_LARGE',
      'DIGEST_MISMATCH',
      'DISK_FULL',
      'MEMORY_EXHAUSTED',
      'MEMORY_PINNED',
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
  warmCheckpoint: defineRoute({
    id: 'warmStoredCheckpoint',
    method: 'POST',
    path: '/checkpoints/:sha256/warm',
    tag: 'checkpoints',
    summary: 'Loads a checkpoint, and answers when it is loaded',
    params: digestParams,
    query: TimeLimit,
    replies: { 200: ModelEntry },
    errors: ['KEY_REQUIRED', 'CHECKPOINT_NEEDED', ...loadErrors],
  }),
  unloadCheckpoint: defineRoute({
    id: 'unloadStoredCheckpoint',
    method: 'POST',
    path: '/checkpoints/:sha256/unload',
    tag: 'checkpoints',
    summary: 'Ends the processes of a checkpoint, those that run a picture after it, and takes its pin away',
    params: digestParams,
    query: TimeLimit,
    replies: { 200: ModelEntry },
    errors: unloadErrors,
  }),
  pinCheckpoint: defineRoute({
    id: 'pinStoredCheckpoint',
    method: 'PUT',
    path: '/checkpoints/:sha256/pin',
    tag: 'checkpoints',
    summary:
      'Keeps a checkpoint loaded until it is unpinned or unloaded, or the worker ends; answers before it is loaded',
    params: digestParams,
    replies: { 200: ModelEntry },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'CHECKPOINT_NEEDED', 'CHECKPOINT_REFUSED', 'DRAINING'],
  }),
  unpinCheckpoint: defineRoute({
    id: 'unpinStoredCheckpoint',
    method: 'DELETE',
    path: '/checkpoints/:sha256/pin',
    tag: 'checkpoints',
    summary: 'Lets a checkpoint go when it is idle or its memory is needed',
    params: digestParams,
    replies: { 200: ModelEntry },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'MODEL_NOT_FOUND', 'DRAINING'],
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
    params: z.object({ '*': z.string().min(1).max(200).meta({ description: 'The name of the model.' }) }),
    replies: { 200: ModelEntry },
    errors: ['KEY_REQUIRED', 'MODEL_NOT_FOUND'],
  }),
  warmOrUnloadModel: defineRoute({
    id: 'warmOrUnloadWorkerModel',
    method: 'POST',
    path: '/models/*',
    tag: 'models',
    summary: 'Loads or unloads a built-in model: its name, then /warm or /unload',
    params: z.object({ '*': nameAnd('warm', 'unload') }),
    query: TimeLimit,
    replies: { 200: ModelEntry },
    errors: [...unloadErrors, ...loadErrors],
  }),
  pinModel: defineRoute({
    id: 'pinWorkerModel',
    method: 'PUT',
    path: '/models/*',
    tag: 'models',
    summary: 'Keeps a built-in model loaded: its name, then /pin',
    params: z.object({ '*': nameAnd('pin') }),
    replies: { 200: ModelEntry },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'MODEL_NOT_FOUND', 'CHECKPOINT_REFUSED', 'DRAINING'],
  }),
  unpinModel: defineRoute({
    id: 'unpinWorkerModel',
    method: 'DELETE',
    path: '/models/*',
    tag: 'models',
    summary: 'Lets a built-in model go when it is idle or its memory is needed: its name, then /pin',
    params: z.object({ '*': nameAnd('pin') }),
    replies: { 200: ModelEntry },
    errors: ['FIELD_INVALID', 'KEY_REQUIRED', 'MODEL_NOT_FOUND', 'DRAINING'],
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
  openapi,
} as const;
