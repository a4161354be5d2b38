import { z } from 'zod';
import { Health } from '../health.js';
import { Sha256 } from '../inference.js';
import { JobId } from '../jobs.js';
import { optionFields } from '../options.js';
import { defineRoute } from './route-contract.js';

export const v1 = '/api/v1';

const id = JobId.meta({ description: 'The id of the training job.' });
export const jobParams = z.object({ id });
export const checkpointParams = z.object({
  id,
  checkpoint_id: z.string().min(1).max(100).meta({ description: 'The `id` of the checkpoint.' }),
});
export const digestParams = z.object({
  sha256: Sha256.meta({ description: 'SHA-256 of the file, lower-case hexadecimal.' }),
});

/** Query of what may take long without being an inference. */
export const TimeLimit = z.object({ timeout_ms: optionFields.timeout_ms });

/** A picture may be the body itself under these. */
export const pictureTypes = ['image/*', 'application/octet-stream'] as const;

export const batchSummary =
  'Runs up to 64 pictures through one checkpoint; with Accept: application/x-ndjson each is answered on a line as it is done';

export const batchLines =
  'A JSON object on each line: an InferenceReply or a Problem, with its place among the files as `index`.';

export const health = defineRoute({
  id: 'getHealth',
  method: 'GET',
  path: '/health',
  tag: 'service',
  summary: 'Says that the process lives',
  replies: { 200: Health },
  errors: [],
});
export const metrics = defineRoute({
  id: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'service',
  summary: 'Metrics in the Prometheus text format',
  replies: { 200: 'text' },
  errors: [],
});
export const openapi = defineRoute({
  id: 'getOpenApi',
  method: 'GET',
  path: '/openapi.json',
  tag: 'service',
  summary: 'This document',
  replies: { 200: z.looseObject({ openapi: z.string().meta({ description: 'The version of OpenAPI.' }) }) },
  errors: [],
});
