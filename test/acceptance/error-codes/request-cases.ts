import { randomBytes } from 'node:crypto';
import type { ErrorCode } from '@lensgate/contracts';
import { pngBomb, workerFields } from '@lensgate/testing';
import { ask, askForm, askRaw, askUntil, inferenceUrl, type Told } from './ask.js';
import { type Services, strictLimits } from './services.js';

/** How somebody meets a code. */
export interface Case {
  provoke(services: Services): Promise<Told>;
  /** Whether the answer must say when to come again. */
  readonly retryAfter?: true;
  /** Nothing of the request could be read, its language neither. */
  readonly isUnread?: true;
}

const demoJob = { training_job_id: 20 };

/** What is wrong with a request itself. */
export const requestCases = {
  BOUNDARY_MISSING: {
    provoke: ({ gateway }) =>
      ask(gateway.quickUrl, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data' },
        body: Buffer.from('x'),
      }),
  },
  MULTIPART_MALFORMED: {
    provoke: ({ gateway }) =>
      ask(gateway.quickUrl, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body: Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut'),
      }),
  },
  FILE_MISSING: { provoke: ({ gateway }) => askForm(gateway.quickUrl, { fields: demoJob }) },
  BODY_MALFORMED: {
    provoke: ({ gateway }) =>
      ask(gateway.quickUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from('{"training_job_id":'),
      }),
  },
  REQUEST_MALFORMED: { provoke: ({ gateway }) => askRaw('GET', gateway.url, { headers: { host: '' } }) },
  KEY_REQUIRED: { provoke: ({ guarded }) => ask(`${guarded.url}/models/list`) },
  ORIGIN_REFUSED: {
    provoke: ({ gateway }) => ask(`${gateway.url}/health`, { headers: { origin: 'https://elsewhere.example' } }),
  },
  HOST_REFUSED: {
    provoke: ({ gateway }) => askRaw('GET', `${gateway.url}/health`, { headers: { host: 'elsewhere.example' } }),
  },
  ROUTE_NOT_FOUND: { provoke: ({ gateway }) => ask(`${gateway.url}/nowhere`) },
  METHOD_NOT_ALLOWED: { provoke: ({ gateway }) => ask(gateway.quickUrl, { method: 'PUT' }) },
  REQUEST_TIMEOUT: {
    provoke: ({ strict }) =>
      askRaw('POST', strict.quickUrl, {
        headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '100' },
        body: Buffer.from('--b\r\n'),
      }),
  },
  HEADERS_TOO_LARGE: {
    isUnread: true,
    provoke: ({ gateway }) => askRaw('GET', gateway.url, { headers: { 'x-long': 'x'.repeat(20_000) } }),
  },
  MEDIA_TYPE_UNSUPPORTED: {
    provoke: ({ gateway }) =>
      ask(gateway.quickUrl, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: Buffer.from('x') }),
  },
  FIELD_INVALID: {
    provoke: ({ gateway, black }) =>
      askForm(gateway.quickUrl, { fields: { ...demoJob, iou_threshold: 7 }, file: black }),
  },
  FILE_TOO_LARGE: {
    provoke: ({ strict }) =>
      askForm(strict.quickUrl, { fields: demoJob, file: Buffer.alloc(strictLimits.UPLOAD_BYTES_MAX + 1) }),
  },
  BODY_TOO_LARGE: {
    provoke: ({ gateway }) => ask(gateway.quickUrl, { method: 'POST', json: { filename: 'x'.repeat(1_100_000) } }),
  },
  IMAGE_TOO_LARGE: {
    provoke: ({ gateway }) => askForm(gateway.quickUrl, { fields: demoJob, file: pngBomb(20_000, 10_000) }),
  },
  IMAGE_UNSUPPORTED: {
    provoke: ({ gateway }) => askForm(gateway.quickUrl, { fields: demoJob, file: Buffer.from('%PDF-1.7') }),
  },
  IMAGE_DAMAGED: {
    provoke: ({ gateway, noisy }) =>
      askForm(gateway.quickUrl, { fields: demoJob, file: noisy.subarray(0, Math.floor(noisy.length / 2)) }),
  },
  RESPONSE_TOO_LARGE: {
    provoke: ({ gateway, noisy }) => askForm(gateway.quickUrl, { fields: { ...demoJob, overlay: true }, file: noisy }),
  },
  UPLOADS_FULL: {
    retryAfter: true,
    provoke: ({ strict }) => {
      const half = { headers: { 'content-type': 'image/png', 'content-length': '15000' }, body: Buffer.from('half') };
      // Each fits alone; which of the two comes too late is theirs to settle.
      const two = () => Promise.all([1, 2].map(() => askRaw('POST', strict.quickUrl, half)));
      return askUntil('UPLOADS_FULL', async () => {
        const told = await two();
        return told.find(({ body }) => body.code === 'UPLOADS_FULL') ?? told[0]!;
      });
    },
  },
  HANDLE_NOT_FOUND: {
    provoke: ({ gateway }) =>
      ask(gateway.quickUrl, { method: 'POST', json: { ...demoJob, image_path: `upload_${'0'.repeat(32)}` } }),
  },
  HANDLE_EXPIRED: {
    provoke: ({ strict, black }) =>
      askUntil('HANDLE_EXPIRED', async () => {
        const { body } = await askForm(inferenceUrl(strict, 'upload-image'), { file: black });
        const { server_path } = body as unknown as { server_path: string };
        return ask(strict.quickUrl, { method: 'POST', json: { ...demoJob, image_path: server_path } });
      }),
  },
  SESSION_FULL: {
    provoke: ({ strict, black }) => {
      const upload = () =>
        askForm(inferenceUrl(strict, 'upload-image'), { fields: { session_id: 'one' }, file: black });
      return askUntil('SESSION_FULL', upload);
    },
  },
  STORE_FULL: {
    provoke: ({ strict }) => {
      const upload = () => askForm(inferenceUrl(strict, 'upload-image'), { file: randomBytes(15_000) });
      return askUntil('STORE_FULL', upload);
    },
  },
  FRAMEWORK_NOT_SERVED: {
    provoke: ({ worker, black }) =>
      askForm(worker.quickUrl, { fields: workerFields({ framework: 'timm' }), file: black }),
  },
  TASK_NOT_SERVED: {
    provoke: ({ worker, black }) =>
      askForm(worker.quickUrl, { fields: workerFields({ task_type: 'depth_estimation' }), file: black }),
  },
} as const satisfies Partial<Record<ErrorCode, Case>>;
