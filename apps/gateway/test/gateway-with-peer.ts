import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, CheckpointList, TrainingJob } from '@lensgate/contracts';
import { freePort, type TestDatabase } from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { json, openDatabase, quickForm, sendJson, startGateway, type TestGateway } from './start-gateway.js';
import { startWorkerPeer, type WorkerPeer } from './worker-peer.js';

export const aJob = (fields: Record<string, unknown> = {}) => ({
  name: '옷장',
  framework: 'ultralytics',
  model_name: 'wardrobe',
  task_type: 'object_detection',
  num_classes: 2,
  class_names: ['셔츠', 'shoe'],
  ...fields,
});
export const first = (body: unknown): Checkpoint => CheckpointList.parse(body).checkpoints[0]!;
export const digestOf = (content: string) => createHash('sha256').update(content).digest('hex');

/** For each test of a file an empty gateway and a worker of ours behind it; a test may put another worker in its place. */
export function gatewayWithPeer() {
  const at = {} as { gateway: TestGateway; peer: WorkerPeer };
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    at.peer = await startWorkerPeer({ token: 'between-us' });
    at.gateway = await startGateway(database.databaseUrl, {
      ULTRALYTICS_SERVICE_URL: at.peer.url,
      TIMM_SERVICE_URL: `http://127.0.0.1:${await freePort()}`,
      TRAINING_SERVICE_URL: at.peer.url,
      WORKER_TOKEN: 'between-us',
      UPLOAD_BYTES_MAX: '100000',
      UPLOADS_IN_FLIGHT_BYTES_MAX: '150000',
    });
    await at.gateway.parts.database.$executeRaw`TRUNCATE training_jobs, checkpoints RESTART IDENTITY`;
  });
  afterEach(async () => {
    await at.gateway.stop();
    await at.peer.close();
  });

  const checkpointsUrl = (jobId: number) => `${at.gateway.api}/training/jobs/${jobId}/checkpoints`;
  return {
    at,
    databaseUrl: () => database.databaseUrl,
    checkpointsUrl,
    createJob: async (fields?: Record<string, unknown>): Promise<TrainingJob> =>
      TrainingJob.parse((await sendJson(`${at.gateway.api}/training/jobs`, 'POST', aJob(fields))).body),
    async upload(jobId: number, content: string, metadata?: unknown) {
      const form = new FormData();
      form.append('file', new Blob([content]), 'best.onnx');
      if (metadata !== undefined) form.append('metadata', JSON.stringify(metadata));
      return json(await fetch(checkpointsUrl(jobId), { method: 'POST', body: form }));
    },
    quick: async (fields: Record<string, string>, file?: Parameters<typeof quickForm>[1]) =>
      json(
        await fetch(`${at.gateway.api}/test_inference/inference/quick`, {
          method: 'POST',
          body: quickForm(fields, file),
        }),
      ),
    storedFiles: () => readdir(join(at.gateway.dataDir, 'checkpoints')),
  };
}
