import type { PrismaClient } from '@lensgate/prisma';

/** Whether any row, of whatever job, needs the bytes with this digest: a refused checkpoint is listed, but never run. */
export async function areBytesNeeded(client: PrismaClient, sha256: string): Promise<boolean> {
  return (await client.checkpoint.count({ where: { sha256, status: { not: 'refused' } } })) > 0;
}

/** Which of these bytes no checkpoint's row speaks of. */
export async function digestsWithoutRow(client: PrismaClient, digests: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (let start = 0; start < digests.length; start += queryDigestsMax) {
    const some = digests.slice(start, start + queryDigestsMax);
    const rows = await client.checkpoint.findMany({ where: { sha256: { in: some } }, select: { sha256: true } });
    const known = new Set(rows.map(({ sha256 }) => sha256));
    missing.push(...some.filter((sha256) => !known.has(sha256)));
  }
  return missing;
}

/** PostgreSQL takes 32767 parameters in one query. */
const queryDigestsMax = 5_000;
