import { z } from 'zod';
import { Health } from '../health.js';
import { optionFields } from '../options.js';
import { defineRoute } from './route-contract.js';

export const v1 = '/api/v1';

/** Query of what may take long without being an inference. */
export const TimeLimit = z.object({ timeout_ms: optionFields.timeout_ms });

/** A picture may be the body itself under these. */
export const pictureTypes = ['image/*', 'application/octet-stream'] as const;

export const batchSummary =
  'Runs up to 64 pictures through one checkpoint; with Accept: application/x-ndjson each is answered on a line as it is done';

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
