import { createHash } from 'node:crypto';
import type {
  InferenceReply,
  Language,
  ModelEntry,
  StoredCheckpoint,
  WorkerModels,
  WorkerReady,
} from '@lensgate/contracts';
import { type Answer, call, type Fields, postPicture, type QuickOptions } from './http.js';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Fields of a worker's quick route: valid for a checkpoint of `detectModel()` unless a test says otherwise. */
export const workerFields = (fields: Fields = {}): Fields => ({
  training_job_id: 1,
  framework: 'ultralytics',
  model_name: 'some-model',
  task_type: 'object_detection',
  num_classes: 3,
  overlay: false,
  ...fields,
});

export interface PutOptions {
  /** Its own where it is left out. */
  readonly sha256?: string;
  readonly query?: Fields;
  readonly language?: Language;
}

/** What tests ask of a worker. */
export interface WorkerCalls {
  readonly quickUrl: string;
  /** Posts a picture for a checkpoint, named by its digest. */
  quick<T = InferenceReply>(
    sha256: string,
    options: Omit<QuickOptions, 'fields'> & { fields?: Fields },
  ): Promise<Answer<T>>;
  /** Puts a checkpoint under its own digest, or under another. */
  put<T = StoredCheckpoint>(file: Uint8Array, options?: PutOptions): Promise<Answer<T>>;
  ready(): Promise<WorkerReady>;
  models(): Promise<WorkerModels>;
  checkpoint(sha256: string): Promise<ModelEntry>;
  /** Warms, unloads, pins or unpins a checkpoint, named by its digest. */
  control<T = ModelEntry>(sha256: string, action: ControlAction, options?: ControlOptions): Promise<Answer<T>>;
  /** The same for a built-in model, named by its name. */
  controlModel<T = ModelEntry>(name: string, action: ControlAction, options?: ControlOptions): Promise<Answer<T>>;
}

const requestOf = {
  warm: { method: 'POST', path: 'warm' },
  unload: { method: 'POST', path: 'unload' },
  pin: { method: 'PUT', path: 'pin' },
  unpin: { method: 'DELETE', path: 'pin' },
} as const;
export type ControlAction = keyof typeof requestOf;
export interface ControlOptions {
  readonly timeoutMs?: number;
}

function control<T>(url: string, action: ControlAction, { timeoutMs }: ControlOptions = {}): Promise<Answer<T>> {
  const { method, path } = requestOf[action];
  const search = timeoutMs === undefined ? '' : `?timeout_ms=${timeoutMs}`;
  return call<T>(`${url}/${path}${search}`, { method });
}

export function workerCalls(url: string): WorkerCalls {
  const quickUrl = `${url}/inference/quick`;
  return {
    quickUrl,
    quick: (sha256, { fields, ...options }) =>
      postPicture(quickUrl, { ...options, fields: workerFields({ checkpoint_sha256: sha256, ...fields }) }),
    put: (file, { sha256 = sha256Of(file), query = {}, language = 'en' } = {}) => {
      const search = new URLSearchParams(
        Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
      );
      return call(`${url}/checkpoints/${sha256}?${search}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream', 'accept-language': language },
        body: Buffer.from(file),
      });
    },
    ready: async () => (await call<WorkerReady>(`${url}/ready`)).body,
    models: async () => (await call<WorkerModels>(`${url}/models/list`)).body,
    control: (sha256, action, options) => control(`${url}/checkpoints/${sha256}`, action, options),
    controlModel: (name, action, options) => control(`${url}/models/${name}`, action, options),
    checkpoint: async (sha256) => (await call<ModelEntry>(`${url}/checkpoints/${sha256}`)).body,
  };
}
