import { type Failure, fail } from '@lensgate/contracts';
import type { PrismaClient } from '@lensgate/prisma';
import { findCheckpointByDigest } from '../store/checkpoint-rows.js';
import { checkpointMissing } from './checkpoint-missing.js';

/** What has become of a checkpoint whose bytes the store does not have: deleted with its job, alone, or only its file. */
export async function whyMissing(
  database: PrismaClient,
  { jobId, sha256 }: { readonly jobId: number; readonly sha256: string },
): Promise<Failure> {
  const row = await findCheckpointByDigest(database, { jobId, sha256 });
  if (row) return fail('CHECKPOINT_FILE_MISSING', { job_id: jobId, checkpoint: row.path });
  return checkpointMissing(database, { jobId, id: sha256 }, { sees: 'all' });
}
