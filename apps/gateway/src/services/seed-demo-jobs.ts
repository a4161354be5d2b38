import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { seedDemo } from '@lensgate/prisma';
import { type DemoEntry, demoJobs, demoPath } from '../demo-jobs.js';
import type { GatewayParts } from '../gateway-parts.js';

/** Seeds the demo jobs whose models are there, once, with their bytes in the checkpoint store. */
export async function seedDemoJobs(parts: GatewayParts, entries: readonly DemoEntry[] = demoJobs): Promise<void> {
  const { config, database, logger } = parts;
  const jobs = [];
  for (const entry of entries) {
    const path = demoPath(config.modelsDir, entry);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (!isThere) logger.warn({ job_id: entry.job.id, model: entry.file }, 'a demo model is missing');
    else jobs.push({ ...entry.job, checkpoints: [await keepDemoBytes(parts, entry, path)] });
  }
  const { seededIds } = await seedDemo(database, jobs);
  if (seededIds.length > 0) logger.info({ job_ids: seededIds }, 'demo jobs seeded');
}

async function keepDemoBytes({ bytes, config }: GatewayParts, { job, file }: DemoEntry, path: string) {
  const draft = await bytes.receive(createReadStream(path), { bytesMax: config.checkpointBytesMax });
  if (await bytes.has(draft.sha256)) await draft.discard();
  else await draft.keep();
  return {
    path: `demo_${job.id}`,
    filename: file,
    sha256: draft.sha256,
    bytes: draft.bytes,
    isBest: true,
    status: 'pending' as const,
  };
}
