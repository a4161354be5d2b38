import type { PrismaClient } from '@lensgate/prisma';
import { type CheckpointRow, toRow } from './checkpoint-rows.js';
import { type Job, toJob } from './job-store.js';

export interface CheckpointOfJob {
  readonly row: CheckpointRow;
  readonly job: Job;
}

/** Checkpoints that are to stay loaded: all, or those with these bytes. A refused one cannot be. */
export async function listPinned(client: PrismaClient, filter: { sha256?: string } = {}): Promise<CheckpointOfJob[]> {
  const rows = await client.checkpoint.findMany({
    where: { pinned: true, status: { not: 'refused' }, ...filter },
    include: { job: true },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ job, ...row }) => ({ row: toRow(row), job: toJob(job) }));
}

/**
 * Checkpoints that no worker has looked into, oldest first, of jobs that another one serves meanwhile: a job without one
 * has its first use look into them.
 */
export async function listPending(client: PrismaClient, { limit }: { limit: number }): Promise<CheckpointOfJob[]> {
  const rows = await client.checkpoint.findMany({
    where: { status: 'pending', job: { checkpoints: { some: { status: 'accepted' } } } },
    include: { job: true },
    orderBy: { id: 'asc' },
    take: limit,
  });
  return rows.map(({ job, ...row }) => ({ row: toRow(row), job: toJob(job) }));
}

/** Which of these digests any checkpoint has. */
export async function knownDigests(client: PrismaClient, digests: readonly string[]): Promise<Set<string>> {
  if (digests.length === 0) return new Set();
  const rows = await client.checkpoint.findMany({
    where: { sha256: { in: [...digests] } },
    select: { sha256: true },
    distinct: ['sha256'],
  });
  return new Set(rows.map(({ sha256 }) => sha256));
}
