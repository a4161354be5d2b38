import { type ApiKey, gatewayRoutes, type RouteContract, workerRoutes } from '@lensgate/contracts';
import {
  type Answer,
  aJob,
  type CallOptions,
  call,
  closeConnections,
  detectModel,
  formOf,
  greyPicture,
  type Stack,
  sha256Of,
  startStack,
  workerFields,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const model = detectModel();
const sha256 = sha256Of(model);
const adminKey = 'an-admin-key-of-a-test-0123456789';
const admin = { authorization: `Bearer ${adminKey}` };
const octets = { 'content-type': 'application/octet-stream' };

let stack: Stack;
let picture: Buffer;
beforeAll(async () => {
  picture = await greyPicture(0);
  stack = await startStack({
    workerEnv: { WORKER_CPUS: '1' },
    // Keys are managed with the admin key, and nobody needs one for the rest.
    gatewayEnv: { AUTH: 'none', LENSGATE_ADMIN_KEY: adminKey },
  });
  await worker().put(model);
});
afterAll(async () => {
  await stack?.close();
  await closeConnections();
});
const worker = () => stack.workers.get('ultralytics')!;

/** One request that a route answers as it should. */
interface Case {
  readonly status: number;
  /** Fills in the route's parameters and says what is sent. */
  readonly request: () => Promise<CallOptions & { path?: string }> | (CallOptions & { path?: string });
}

function form(fields: Readonly<Record<string, unknown>>, file?: { name: string; value: Uint8Array }): CallOptions {
  const parts = Object.entries(fields).map(([name, value]) => ({ name, value: String(value) }));
  const { body, contentType } = formOf([...parts, ...(file ? [{ ...file, filename: 'a.bin' }] : [])]);
  return { body, headers: { 'content-type': contentType } };
}

const jobsPath = '/api/v1/training/jobs';
const keysPath = '/api/v1/keys';
const newJob = async () => (await stack.gateway.createJob()).body.id;
const newCheckpoint = async () => {
  const jobId = await newJob();
  const [checkpoint] = (await stack.gateway.upload(jobId, model)).body.checkpoints;
  return `${jobsPath}/${jobId}/checkpoints/${checkpoint!.id}`;
};

const newKey = (): CallOptions => ({ headers: admin, json: { name: 'of a test' } });

const atTheGateway: Readonly<Record<keyof typeof gatewayRoutes, Case>> = {
  quickInference: { status: 200, request: () => form({ training_job_id: 20 }, { name: 'file', value: picture }) },
  batchInference: { status: 200, request: () => form({ training_job_id: 20 }, { name: 'files', value: picture }) },
  uploadImage: { status: 200, request: () => form({ session_id: 'here' }, { name: 'file', value: picture }) },
  deleteSession: { status: 200, request: () => ({ path: '/api/v1/test_inference/inference/session/here' }) },
  listJobs: { status: 200, request: () => ({ path: `${jobsPath}?limit=2` }) },
  createJob: { status: 201, request: () => ({ json: aJob() }) },
  getJob: { status: 200, request: () => ({ path: `${jobsPath}/20` }) },
  putJob: { status: 201, request: () => ({ path: `${jobsPath}/4711`, json: aJob() }) },
  patchJob: { status: 200, request: () => ({ path: `${jobsPath}/4711`, json: { name: 'another' } }) },
  deleteJob: { status: 204, request: () => ({ path: `${jobsPath}/4711` }) },
  listCheckpoints: { status: 200, request: () => ({ path: `${jobsPath}/20/checkpoints` }) },
  uploadCheckpoint: {
    status: 201,
    request: async () => ({
      ...form({ metadata: '{"epoch":3}' }, { name: 'file', value: model }),
      path: `${jobsPath}/${await newJob()}/checkpoints`,
    }),
  },
  patchCheckpoint: { status: 200, request: async () => ({ path: await newCheckpoint(), json: { is_best: true } }) },
  deleteCheckpoint: { status: 204, request: async () => ({ path: await newCheckpoint() }) },
  warmCheckpoint: { status: 200, request: async () => ({ path: `${await newCheckpoint()}/warm` }) },
  unloadCheckpoint: { status: 200, request: async () => ({ path: `${await newCheckpoint()}/unload` }) },
  listModels: { status: 200, request: () => ({ path: '/api/v1/models/list?framework=ultralytics' }) },
  createKey: { status: 201, request: newKey },
  listKeys: { status: 200, request: () => ({ headers: admin }) },
  deleteKey: {
    status: 204,
    request: async () => {
      const { body } = await call<ApiKey>(`${stack.gateway.url}${keysPath}`, { ...newKey(), method: 'POST' });
      return { headers: admin, path: `${keysPath}/${body.id}` };
    },
  },
  health: { status: 200, request: () => ({}) },
  ready: { status: 200, request: () => ({}) },
  metrics: { status: 200, request: () => ({}) },
  openapi: { status: 200, request: () => ({}) },
};

const atAWorker: Readonly<Record<keyof typeof workerRoutes, Case>> = {
  quickInference: {
    status: 200,
    request: () => form(workerFields({ checkpoint_sha256: sha256 }), { name: 'file', value: picture }),
  },
  batchInference: {
    status: 200,
    request: () => form(workerFields({ checkpoint_sha256: sha256 }), { name: 'files', value: picture }),
  },
  putCheckpoint: {
    status: 200,
    request: () => ({ path: `/checkpoints/${sha256}?num_classes=3`, headers: octets, body: model }),
  },
  getCheckpoint: { status: 200, request: () => ({ path: `/checkpoints/${sha256}` }) },
  warmCheckpoint: { status: 200, request: () => ({ path: `/checkpoints/${sha256}/warm` }) },
  pinCheckpoint: { status: 200, request: () => ({ path: `/checkpoints/${sha256}/pin` }) },
  unpinCheckpoint: { status: 200, request: () => ({ path: `/checkpoints/${sha256}/pin` }) },
  unloadCheckpoint: { status: 200, request: () => ({ path: `/checkpoints/${sha256}/unload` }) },
  warmOrUnloadModel: { status: 200, request: () => ({ path: '/models/wardrobe-det/warm' }) },
  pinModel: { status: 200, request: () => ({ path: '/models/wardrobe-det/pin' }) },
  unpinModel: { status: 200, request: () => ({ path: '/models/wardrobe-det/pin' }) },
  openapi: { status: 200, request: () => ({}) },
  listModels: { status: 200, request: () => ({}) },
  getModel: { status: 200, request: () => ({ path: '/models/wardrobe-det' }) },
  health: { status: 200, request: () => ({}) },
  ready: { status: 200, request: () => ({}) },
  metrics: { status: 200, request: () => ({}) },
  // The last one: what it deletes, others ask for.
  deleteCheckpoint: { status: 204, request: () => ({ path: `/checkpoints/${sha256}` }) },
};

const doors: readonly [
  string,
  () => string,
  Readonly<Record<string, RouteContract>>,
  Readonly<Record<string, Case>>,
][] = [
  ['the gateway', () => stack.gateway.url, gatewayRoutes, atTheGateway],
  ['a worker', () => worker().url, workerRoutes, atAWorker],
];

describe.each(doors)('at %s', (_, url, routes, cases) => {
  test('every route of the contract has a case, and every case a route', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(routes).sort());
  });

  test.each(Object.keys(cases))('%s answers what its contract says', async (name) => {
    const route = routes[name]!;
    const { status, request } = cases[name]!;
    const { path = route.path, ...options } = await request();
    const answer: Answer = await call(`${url()}${path}`, { ...options, method: route.method });
    expect([answer.status, answer.headers['x-request-id']]).toEqual([status, expect.stringMatching(/^[\w-]{36}$/)]);
    const reply = route.replies[status];
    if (reply === 'empty') expect(answer.body).toBe('');
    else if (typeof reply === 'string') expect(answer.body).toEqual(expect.stringMatching(/\w/));
    else expect(reply?.safeParse(answer.body).error).toBeUndefined();
  });

  test.each(Object.keys(cases))('%s answers no other method, and says which it does', async (name) => {
    const { path, params } = routes[name]!;
    const filled = path.replaceAll(/:(\w+)|\*/g, (_, parameter: string) => (parameter === 'sha256' ? sha256 : '7'));
    const methods = new Set(
      Object.values(routes)
        .filter((route) => route.path === path)
        .map(({ method }) => method),
    );
    const other = (['PATCH', 'DELETE', 'PUT', 'POST'] as const).find((method) => !methods.has(method))!;
    const { status, headers } = await call(`${url()}${filled}`, { method: other });
    expect([status, params === undefined || filled !== path]).toEqual([405, true]);
    for (const method of methods) expect(headers.allow).toContain(method);
  });
});
