import { type CreatedApiKey, gatewayRoutes } from '@lensgate/contracts';
import { json, quickForm } from './start-gateway.js';

export const adminKey = 'an-admin-key-that-no-log-may-show-0123456789';

type Input = { method?: string; json?: unknown; form?: FormData; headers?: Record<string, string> };

/** One who calls a gateway with a key, or without. */
export function caller(api: string, key?: string) {
  const send = async (path: string, { method, json: value, form, headers = {} }: Input = {}) => {
    const isChange = value !== undefined || form !== undefined;
    return fetch(path.startsWith('http') ? path : `${api}${path}`, {
      method: method ?? (isChange ? 'POST' : 'GET'),
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(value === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(value !== undefined && { body: JSON.stringify(value) }),
      ...(form && { body: form }),
    });
  };
  const ask = async (path: string, input: Input = {}) => json(await send(path, input));
  return {
    send,
    ask,
    status: async (path: string, input: Input = {}) => (await ask(path, input)).status,
    createJob: async (fields: Record<string, unknown> = {}) =>
      Number((await ask('/training/jobs', { json: aJob(fields) })).body.id),
    quick: (fields: Record<string, string>) => ask('/test_inference/inference/quick', { form: quickForm(fields) }),
    byHandle: (jobId: number, handle: unknown) =>
      ask('/test_inference/inference/quick', { json: { training_job_id: jobId, image_path: handle } }),
    uploadImage: (sessionId?: string) =>
      ask('/test_inference/inference/upload-image', {
        form: quickForm(sessionId === undefined ? {} : { session_id: sessionId }),
      }),
    uploadCheckpoint: (jobId: number, content: string) => {
      const form = new FormData();
      form.append('file', new Blob([content]), 'best.onnx');
      return ask(`/training/jobs/${jobId}/checkpoints`, { form });
    },
  };
}
export type Caller = ReturnType<typeof caller>;

export const aJob = (fields: Record<string, unknown> = {}) => ({
  name: '옷장',
  framework: 'ultralytics',
  model_name: 'wardrobe',
  task_type: 'object_detection',
  num_classes: 10,
  ...fields,
});

/** Makes a key with the admin key and answers all of it. */
export async function newKey(api: string, fields: Record<string, unknown> = {}): Promise<CreatedApiKey> {
  const { status, body } = await caller(api, adminKey).ask('/keys', { json: { name: 'of a test', ...fields } });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return gatewayRoutes.createKey.replies[201].parse(body);
}
