import { type Fields, formOf, type StartedGateway, type StartedWorker, workerFields } from '@lensgate/testing';
import type { Target } from './load.js';

/** A picture for a checkpoint, straight to a worker, as a form. */
export const workerTarget = (
  { quickUrl }: Pick<StartedWorker, 'quickUrl'>,
  { sha256, image, fields = {} }: { sha256: string; image: Uint8Array; fields?: Fields },
): Target => formTarget(quickUrl, image, workerFields({ checkpoint_sha256: sha256, num_classes: 0, ...fields }));

/** A picture for a job, through the gateway, as a form. */
export const gatewayTarget = (
  { quickUrl }: Pick<StartedGateway, 'quickUrl'>,
  { jobId, image, fields = {} }: { jobId: number; image: Uint8Array; fields?: Fields },
): Target => formTarget(quickUrl, image, { training_job_id: jobId, overlay: false, ...fields });

function formTarget(url: string, image: Uint8Array, fields: Fields): Target {
  const { body, contentType } = formOf([
    ...Object.entries(fields).map(([name, value]) => ({ name, value: String(value) })),
    { name: 'file', value: image, filename: 'picture.jpg', type: 'image/jpeg' },
  ]);
  return { url, headers: { 'content-type': contentType }, body };
}
