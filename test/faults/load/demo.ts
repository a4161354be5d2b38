import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '@lensgate/contracts';
import { call, rootDir, type StartedGateway, withMetadata } from '@lensgate/testing';

/** The demo detector, and a picture of 640 px for it. */
export const demoModel = readFileSync(join(rootDir, 'models/wardrobe-det.onnx'));
export const demoPicture = readFileSync(join(rootDir, 'models/samples/scene-1000.png'));
const demoClassCount = 10;

/** Uploads a checkpoint as a job's best one, which a worker then holds. */
export async function uploadBest(gateway: StartedGateway, jobId: number, file: Uint8Array): Promise<Checkpoint> {
  const { status, body } = await gateway.upload(jobId, file, { metadata: { is_best: true } });
  const [checkpoint] = body.checkpoints ?? [];
  if (status !== 201 || checkpoint?.status !== 'accepted')
    throw new Error(`a checkpoint was answered ${status}: ${JSON.stringify(body)}`);
  return checkpoint;
}

/** Makes a job for a checkpoint. @returns its id */
export async function jobOf(gateway: StartedGateway, file: Uint8Array, numClasses = 3): Promise<number> {
  const { id } = (await gateway.createJob({ num_classes: numClasses })).body;
  await uploadBest(gateway, id, file);
  return id;
}

/** Jobs with a checkpoint each that cost the same: the demo detector under different digests. */
export async function jobsOfDemoModel(gateway: StartedGateway, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let index = 0; index < count; index++)
    ids.push(await jobOf(gateway, withMetadata(demoModel, { copy: String(index) }), demoClassCount));
  return ids;
}

export async function deleteCheckpoint({ url }: StartedGateway, jobId: number, id: string): Promise<void> {
  const { status } = await call(`${url}/api/v1/training/jobs/${jobId}/checkpoints/${id}`, { method: 'DELETE' });
  if (status !== 204) throw new Error(`the deletion of a checkpoint was answered ${status}`);
}
