import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ErrorCode, Problem } from '@lensgate/contracts';
import {
  detectModel,
  greyPicture,
  requestBytes,
  type StartedWorker,
  sha256Of,
  startWorker,
  strikeChild,
  untilBusy,
  untilIdle,
  waitFor,
  workerFields,
} from '@lensgate/testing';
import { ask, askForm, askRaw, askUntil, inferenceUrl, jobOf, type Told } from './ask.js';
import type { Case } from './request-cases.js';
import { endlessModel, greedyModel, guardedMemoryMb, type Services, slowModel, token } from './services.js';

const authorized = { authorization: `Bearer ${token}` };
const unknownDigest = '0'.repeat(64);
const largeFile = Buffer.alloc(guardedMemoryMb * 2 ** 20);

/** Runs a picture in a child of the endless model and ends the child with a signal. */
async function struck({ worker }: Services, file: Uint8Array, signal: NodeJS.Signals): Promise<Told> {
  await worker.put(endlessModel);
  const sha256 = sha256Of(endlessModel);
  const running = askForm(worker.quickUrl, { fields: workerFields({ checkpoint_sha256: sha256 }), file });
  await untilBusy(worker, { running: 1 });
  await strikeChild(worker, sha256, signal);
  return running;
}

/** Jobs, checkpoints, and what becomes of work. */
export const workCases = {
  JOB_NOT_FOUND: {
    provoke: ({ gateway, black }) =>
      askForm(gateway.quickUrl, { fields: { training_job_id: 2_000_000_000 }, file: black }),
  },
  CHECKPOINT_NOT_FOUND: {
    provoke: ({ gateway, black }) =>
      askForm(gateway.quickUrl, { fields: { training_job_id: 20, checkpoint_path: 'another' }, file: black }),
  },
  CHECKPOINT_MISSING: {
    provoke: async ({ gateway, black }) => {
      const { id } = (await gateway.createJob()).body;
      return askForm(gateway.quickUrl, { fields: { training_job_id: id }, file: black });
    },
  },
  CHECKPOINT_FILE_MISSING: {
    provoke: async ({ gateway, worker, black }) => {
      const model = detectModel({ steps: 3 });
      const fields = { training_job_id: await jobOf(gateway, model) };
      const sha256 = sha256Of(model);
      await rm(join(gateway.folder, 'data', 'checkpoints', sha256));
      await ask(`${worker.url}/checkpoints/${sha256}`, { method: 'DELETE' });
      return askForm(gateway.quickUrl, { fields, file: black });
    },
  },
  CHECKPOINT_NEEDED: {
    provoke: ({ worker, black }) =>
      askForm(worker.quickUrl, { fields: workerFields({ checkpoint_sha256: unknownDigest }), file: black }),
  },
  CHECKPOINT_REFUSED: {
    provoke: async ({ gateway }) => {
      const { id } = (await gateway.createJob()).body;
      return askForm(`${gateway.url}/api/v1/training/jobs/${id}/checkpoints`, { file: Buffer.from('no model') });
    },
  },
  MODEL_NOT_FOUND: { provoke: ({ worker }) => ask(`${worker.url}/models/some/other`) },
  DIGEST_MISMATCH: {
    provoke: ({ worker }) =>
      ask(`${worker.url}/checkpoints/${unknownDigest}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        body: slowModel,
      }),
  },
  QUEUE_FULL: {
    retryAfter: true,
    provoke: async ({ gateway, worker, white }) => {
      const fields = { training_job_id: await jobOf(gateway, endlessModel) };
      const leaving = new AbortController();
      // One runs and one waits; both would for ever.
      const asked = [1, 2, 3].map(() => askForm(gateway.quickUrl, { fields, file: white, signal: leaving.signal }));
      const told = await Promise.race(asked);
      leaving.abort();
      await Promise.allSettled(asked);
      await untilIdle(worker);
      return told;
    },
  },
  INFERENCE_FAILED: {
    provoke: async ({ gateway, white }) =>
      askForm(gateway.quickUrl, { fields: { training_job_id: await jobOf(gateway, greedyModel) }, file: white }),
  },
  CHILD_CRASHED: { provoke: (services) => struck(services, services.white, 'SIGKILL') },
  INPUT_QUARANTINED: {
    provoke: async (services) => {
      const almostWhite = await greyPicture(250);
      for (let time = 0; time < 2; time++) await struck(services, almostWhite, 'SIGSEGV');
      const fields = workerFields({ checkpoint_sha256: sha256Of(endlessModel) });
      return askForm(services.worker.quickUrl, { fields, file: almostWhite });
    },
  },
  DEADLINE_EXCEEDED: {
    provoke: async ({ gateway, worker, white }) => {
      const fields = { training_job_id: await jobOf(gateway, endlessModel), timeout_ms: 500 };
      const told = await askForm(gateway.quickUrl, { fields, file: white });
      await untilIdle(worker);
      return told;
    },
  },
  DEADLINE_TOO_SHORT: {
    provoke: async ({ gateway, black }) => {
      const training_job_id = await jobOf(gateway, slowModel);
      await askForm(gateway.quickUrl, { fields: { training_job_id, overlay: false }, file: black });
      return askForm(gateway.quickUrl, { fields: { training_job_id, timeout_ms: 150 }, file: black });
    },
  },
  MEMORY_EXHAUSTED: {
    provoke: ({ guarded }) =>
      ask(`${guarded.url}/checkpoints/${sha256Of(largeFile)}`, {
        method: 'PUT',
        headers: { ...authorized, 'content-type': 'application/octet-stream' },
        body: largeFile,
      }),
  },
  MEMORY_PINNED: {
    provoke: async () => {
      const small = await startWorker({ env: { CHILDREN_MAX: '1' } });
      try {
        await small.put(slowModel);
        await ask(`${small.url}/checkpoints/${sha256Of(slowModel)}/pin`, { method: 'PUT' });
        return await ask(`${small.url}/models/wardrobe-det/warm`, { method: 'POST' });
      } finally {
        await small.close();
      }
    },
  },
  WORKER_UNREACHABLE: {
    retryAfter: true,
    provoke: async ({ strict, black }) => {
      const { id } = (await strict.createJob({ framework: 'timm', task_type: 'image_classification' })).body;
      return askForm(strict.quickUrl, { fields: { training_job_id: id }, file: black });
    },
  },
  WORKER_PROTOCOL: {
    provoke: async ({ strict, black }) => {
      const { id } = (await strict.createJob()).body;
      return askForm(strict.quickUrl, { fields: { training_job_id: id }, file: black });
    },
  },
} as const satisfies Partial<Record<ErrorCode, Case>>;

/** What goes wrong with the services themselves: they are not what they were afterwards. */
export const serviceCases = {
  STARTING: {
    retryAfter: true,
    provoke: async ({ guarded, black }) => {
      const stop = killChildrenOf(guarded);
      const fields = workerFields({ framework: 'ultralytics', model_name: 'wardrobe-det' });
      const again = () => askForm(guarded.quickUrl, { fields, file: black, headers: authorized });
      return askUntil('STARTING', again).finally(stop);
    },
  },
  DRAINING: {
    retryAfter: true,
    provoke: async ({ guarded }) => {
      const { hostname, port } = new URL(guarded.url);
      const holding = connect(Number(port), hostname);
      // Half a request is work under way: the drain waits for it.
      const headers = { ...authorized, 'content-type': 'image/png', 'content-length': '10' };
      holding.on('error', () => undefined).write(requestBytes('POST', guarded.quickUrl, { headers }));
      await waitForRequests(guarded, 1);
      guarded.signal('SIGTERM');
      const told = await askUntil('DRAINING', () => ask(`${guarded.url}/models/list`, { headers: authorized }));
      holding.destroy();
      return told;
    },
  },
  DISK_FULL: {
    // A file may not grow at all: the kernel's answer to that is one of a full disk's.
    provoke: async ({ strict, black }) => {
      limitFiles(strict, '0');
      return askForm(inferenceUrl(strict, 'upload-image'), { file: black }).finally(() =>
        limitFiles(strict, 'unlimited'),
      );
    },
  },
  INTERNAL: {
    provoke: async ({ strict, black }) => {
      const folder = join(strict.folder, 'data', 'uploads');
      await rm(folder, { recursive: true });
      await writeFile(folder, 'not a folder any more');
      return askForm(inferenceUrl(strict, 'upload-image'), { file: black });
    },
  },
  DATABASE_UNAVAILABLE: {
    retryAfter: true,
    provoke: async ({ strict, strictDatabase }) => {
      await strictDatabase.close();
      return askRaw('GET', `${strict.url}/api/v1/training/jobs`);
    },
  },
} as const satisfies Partial<Record<ErrorCode, Case>>;

/** How large a file of a service may become, bytes. */
const limitFiles = ({ pid }: { pid: number }, bytes: string) =>
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);

/** Ends every child of a worker as soon as it is seen, until told to stop. */
function killChildrenOf(worker: StartedWorker): () => void {
  const timer = setInterval(() => {
    for (const pid of worker.children()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }, 5);
  return () => clearInterval(timer);
}

/** Waits until so many requests are under way, besides those for metrics. */
const waitForRequests = (worker: StartedWorker, count: number) =>
  waitFor(
    async () => {
      const { body } = await ask(`${worker.url}/metrics`);
      return (
        String(body satisfies Problem as unknown).match(/^http_requests_in_flight\{.*\} (\d+)$/m)?.[1] === String(count)
      );
    },
    { what: `${count} requests under way` },
  );
