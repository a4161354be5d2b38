import type {
  Checkpoint,
  CheckpointList,
  CheckpointPatch,
  GatewayModels,
  InferenceReply,
  Language,
  ServedCheckpointList,
  ServingChange,
  TrainingJob,
  TrainingJobInput,
} from '@lensgate/contracts';
import { type Answer, call, type Fields, formOf, postPicture, type QuickOptions } from './http.js';

/** A job of `detectModel()`; a test states what matters to it. */
export const aJob = (job: Partial<TrainingJobInput> = {}): Partial<TrainingJobInput> => ({
  name: 'a detector of a test',
  framework: 'ultralytics',
  model_name: 'some-model',
  task_type: 'object_detection',
  num_classes: 3,
  ...job,
});

/** What tests ask of a gateway. */
export interface GatewayCalls {
  readonly quickUrl: string;
  quick<T = InferenceReply>(
    jobId: number,
    options: Omit<QuickOptions, 'fields'> & { fields?: Fields },
  ): Promise<Answer<T>>;
  createJob<T = TrainingJob>(job?: Partial<TrainingJobInput>): Promise<Answer<T>>;
  job<T = TrainingJob>(id: number): Promise<Answer<T>>;
  deleteJob(id: number): Promise<Answer>;
  upload<T = CheckpointList>(
    jobId: number,
    file: Uint8Array,
    options?: { filename?: string; metadata?: unknown },
  ): Promise<Answer<T>>;
  checkpoints(jobId: number): Promise<Answer<ServedCheckpointList>>;
  patchCheckpoint<T = Checkpoint>(jobId: number, id: string, changes: CheckpointPatch): Promise<Answer<T>>;
  /** Warms or unloads a checkpoint on every worker. */
  changeServing<T = ServingChange>(
    jobId: number,
    id: string,
    change: 'warm' | 'unload',
    options?: { timeoutMs?: number; language?: Language },
  ): Promise<Answer<T>>;
  models<T = GatewayModels>(query?: Record<string, string>): Promise<Answer<T>>;
}

export function gatewayCalls(url: string): GatewayCalls {
  const v1 = `${url}/api/v1`;
  const jobs = `${v1}/training/jobs`;
  const quickUrl = `${v1}/test_inference/inference/quick`;
  return {
    quickUrl,
    quick: (jobId, { fields, ...options }) =>
      postPicture(quickUrl, { ...options, fields: { training_job_id: jobId, ...fields } }),
    createJob: (job) => call(jobs, { method: 'POST', json: aJob(job) }),
    job: (id) => call(`${jobs}/${id}`),
    deleteJob: (id) => call(`${jobs}/${id}`, { method: 'DELETE' }),
    upload: (jobId, file, { filename = 'best.onnx', metadata } = {}) => {
      const { body, contentType } = formOf([
        ...(metadata === undefined ? [] : [{ name: 'metadata', value: JSON.stringify(metadata) }]),
        { name: 'file', value: file, filename, type: 'application/octet-stream' },
      ]);
      return call(`${jobs}/${jobId}/checkpoints`, { method: 'POST', body, headers: { 'content-type': contentType } });
    },
    checkpoints: (jobId) => call(`${jobs}/${jobId}/checkpoints`),
    patchCheckpoint: (jobId, id, changes) =>
      call(`${jobs}/${jobId}/checkpoints/${id}`, { method: 'PATCH', json: changes }),
    changeServing: (jobId, id, change, { timeoutMs, language = 'en' } = {}) => {
      const search = timeoutMs === undefined ? '' : `?timeout_ms=${timeoutMs}`;
      const headers = { 'accept-language': language };
      return call(`${jobs}/${jobId}/checkpoints/${id}/${change}${search}`, { method: 'POST', headers });
    },
    models: (query = {}) => call(`${v1}/models/list?${new URLSearchParams(query)}`),
  };
}
