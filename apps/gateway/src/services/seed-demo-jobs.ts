import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '@lensgate/contracts';
import { type DemoCheckpoint, type DemoJob, seedDemo } from '@lensgate/prisma';
import { type DemoEntry, readDemoEntries } from '../demo-jobs.js';
import type { GatewayParts } from '../gateway-parts.js';
import { areBytesNeeded } from '../store/checkpoint-bytes.js';
import type { CheckpointDraft } from '../store/checkpoint-store.js';
import { seededJobIds } from '../store/seeded-jobs.js';

/**
 * Seeds the demo jobs whose models are there, once. Bytes that a demo checkpoint needs and the store has lost are put
 * back; a demo job that its user has deleted gets neither.
 */
export async function seedDemoJobs(parts: GatewayParts): Promise<void> {
  const { config, database, logger } = parts;
  const entries = await readDemoEntries(config.modelsDir);
  if (entries.length === 0) logger.warn('the folder of demo models names no demo jobs');
  const seeded = await seededJobIds(database);
  const jobs: DemoJob[] = [];
  const needed: CheckpointDraft[] = [];
  for (const entry of entries) {
    const draft = await receiveModel(parts, join(config.modelsDir, entry.file));
    if (typeof draft === 'string') {
      logger.warn({ job_id: entry.job.id, model: entry.file }, draft);
      continue;
    }
    const isNew = !seeded.has(entry.job.id);
    const isNeeded = isNew || (await areBytesNeeded(database, draft.sha256));
    if (isNeeded) {
      await draft.stage();
      needed.push(draft);
    } else {
      await draft.discard();
    }
    if (isNew) jobs.push({ ...entry.job, checkpoints: [demoCheckpoint(entry, draft)] });
  }
  const { seededIds } = await seedDemo(database, jobs);
  for (const draft of needed) await draft.keep();
  if (seededIds.length > 0) logger.info({ job_ids: seededIds }, 'demo jobs seeded');
}

/** @returns in words why there is none */
async function receiveModel({ bytes, config }: GatewayParts, path: string): Promise<CheckpointDraft | string> {
  try {
    return await bytes.receive(createReadStream(path), { bytesMax: config.checkpointBytesMax });
  } catch (error) {
    const { code } = error as Failure | NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'a demo model is missing';
    if (code === 'FILE_TOO_LARGE') return 'a demo model is larger than CHECKPOINT_BYTES_MAX allows';
    throw error;
  }
}

const demoCheckpoint = ({ job, file }: DemoEntry, { sha256, bytes }: CheckpointDraft): DemoCheckpoint => ({
  path: `demo_${job.id}`,
  filename: file,
  sha256,
  bytes,
  isBest: true,
  // A worker has to look into it like into any other, at its first use.
  status: 'pending',
});
