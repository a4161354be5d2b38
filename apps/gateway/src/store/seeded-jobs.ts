import type { PrismaClient } from '@lensgate/prisma';

/** Demo jobs that this database was given, whether they are still there or not. */
export async function seededJobIds(client: PrismaClient): Promise<Set<number>> {
  const rows = await client.seededJob.findMany({ select: { jobId: true } });
  return new Set(rows.map(({ jobId }) => jobId));
}
