import { z } from 'zod';
import { BatchFields, BatchReply, batchFilesMax, InferenceReply, QuickFields } from '../inference.js';
import { CleanedSession, SessionId, UploadedImage, UploadImageFields } from '../uploads.js';
import { defineRoute } from './route-contract.js';
import { inferenceErrors, multipartErrors, workerErrors } from './route-errors.js';
import { batchLines, batchSummary, pictureTypes, v1 } from './shared.js';

export const inferenceRoutes = {
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
      'CHECKPOINT_FILE_MISSING',
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
    lines: batchLines,
    errors: [
      ...multipartErrors,
      'JOB_NOT_FOUND',
      'CHECKPOINT_NOT_FOUND',
      'CHECKPOINT_MISSING',
      'CHECKPOINT_FILE_MISSING',
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
    errors: [...multipartErrors, 'SESSION_FULL', 'STORE_FULL', 'DATABASE_UNAVAILABLE', 'DISK_FULL'],
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
} as const;
