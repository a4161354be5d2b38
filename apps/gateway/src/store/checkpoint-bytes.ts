import type { PrismaClient } from '@lensgate/prisma';

/** How many rows, of whatever job, need the bytes with this digest: a refused checkpoint is listed, but never run. */
export async function countRowsNeedingBytes(client: PrismaClient, sha256: string): Promise<number> {
  return client.checkpoint.count({ where: { sha256, status: { not: 'refused' } } });
}
