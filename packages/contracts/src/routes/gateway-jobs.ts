import { ListQuery, TrainingJob, TrainingJobInput, TrainingJobList, TrainingJobPatch } from '../jobs.js';
import { defineRoute } from './route-contract.js';
import { jsonErrors } from './route-errors.js';
import { jobParams, v1 } from './shared.js';

export const jobRoutes = {
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
} as const;
