import type { PrismaClient } from '@lensgate/prisma';
import { type Viewer, visibleJobs } from './viewer.js';

/** Which of these digests are of checkpoints of jobs that the viewer sees. */
export async function visibleDigests(
  client: PrismaClient,
  digests: readonly string[],
  viewer: Viewer,
): Promise<Set<string>> {
  if (viewer.sees === 'all') return new Set(digests);
  const where = { sha256: { in: [...digests] }, job: visibleJobs(viewer) };
  const rows = await client.checkpoint.findMany({ where, select: { sha256: true }, distinct: ['sha256'] });
  return new Set(rows.map(({ sha256 }) => sha256));
}
