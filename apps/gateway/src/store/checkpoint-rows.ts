import { randomUUID } from 'node:crypto';
import { type Checkpoint, type CheckpointStatus, Prisma, type PrismaClient } from '@lensgate/prisma';
import { lockJob } from './job-store.js';
import { isPrismaError } from './prisma-error.js';
import { storable } from './storable.js';
import { readOnlyJob, StoreError } from './store-error.js';
import { isChangeable, isVisible, type Viewer, visibleJobs } from './viewer.js';

/** A checkpoint's row; its bytes are in the checkpoint store under `sha256`. */
export interface CheckpointRow {
  id: string;
  jobId: number;
  /** The public handle. */
  path: string;
  filename: string;
  /** Of one that no worker has accepted yet it is a wish: the job's best stays until then. */
  isBest: boolean;
  epoch: number | null;
  pinned: boolean;
  sha256: string;
  bytes: number;
  status: CheckpointStatus;
  /** What the inspection found; null until a worker has looked. */
  findings: Prisma.JsonValue;
  warnings: string[];
  /** What was uploaded beside the file; null for nothing. */
  metadata: Prisma.JsonValue;
  /** ISO 8601, UTC. */
  createdAt: string;
}

export interface NewCheckpoint {
  jobId: number;
  filename: string;
  /** Lower-case hex. */
  sha256: string;
  bytes: number;
  /** A new handle is made when it is absent. */
  path?: string;
  isBest?: boolean;
  epoch?: number | null;
  metadata?: Prisma.InputJsonValue | null;
}

/** Which checkpoint of which job: the id of another job's checkpoint is not found. */
export interface CheckpointKey {
  jobId: number;
  id: string;
}

/** A job as it was found: its id may have become another owner's since. */
export interface OwnedJob {
  readonly id: number;
  readonly ownerId: string | null;
}

const ofJob = ({ id, ownerId }: OwnedJob): Prisma.CheckpointWhereInput => ({ jobId: id, job: { ownerId } });

export interface Inspection {
  status: CheckpointStatus;
  findings: Prisma.InputJsonValue | null;
  warnings: string[];
}

/** Ids (version 7) break ties of the clock. */
const newestFirst = [{ createdAt: 'desc' }, { id: 'desc' }] satisfies Prisma.CheckpointOrderByWithRelationInput[];

/**
 * Adds a checkpoint as `pending`; one that is to be the best is so when a worker has accepted it.
 * @throws StoreError `JOB_NOT_FOUND`, `JOB_READ_ONLY`, `CHECKPOINT_EXISTS` (the job has these bytes), `CHECKPOINT_PATH_TAKEN`
 */
export async function createCheckpoint(
  client: PrismaClient,
  checkpoint: NewCheckpoint,
  viewer: Viewer,
): Promise<CheckpointRow> {
  const { jobId, sha256, path = `ckpt_${randomUUID().replaceAll('-', '')}`, isBest = false } = checkpoint;
  return client.$transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (!job || !isVisible(job, viewer)) throw new StoreError('JOB_NOT_FOUND', `There is no job ${jobId}.`);
    if (!isChangeable(job, viewer)) throw readOnlyJob(jobId);
    const sameBytes = await tx.checkpoint.findUnique({ where: { jobId_sha256: { jobId, sha256 } } });
    if (sameBytes) throw new StoreError('CHECKPOINT_EXISTS', `Job ${jobId} has this checkpoint as ${sameBytes.path}.`);
    try {
      const row = await tx.checkpoint.create({
        data: {
          jobId,
          path,
          filename: storable(checkpoint.filename),
          isBest,
          epoch: checkpoint.epoch ?? null,
          sha256,
          bytes: checkpoint.bytes,
          metadata: jsonOrNull(checkpoint.metadata ?? null),
        },
      });
      return toRow(row);
    } catch (error) {
      if (!isPrismaError(error, 'uniqueViolated')) throw error;
      throw new StoreError('CHECKPOINT_PATH_TAKEN', `Another checkpoint has the handle ${path}.`, { cause: error });
    }
  });
}

/** Newest first; none of a job that the viewer does not see. */
export async function listCheckpoints(client: PrismaClient, jobId: number, viewer: Viewer): Promise<CheckpointRow[]> {
  const where = { jobId, job: visibleJobs(viewer) };
  return (await client.checkpoint.findMany({ where, orderBy: newestFirst })).map(toRow);
}

export async function getCheckpoint(
  client: PrismaClient,
  key: CheckpointKey,
  viewer: Viewer,
): Promise<CheckpointRow | null> {
  if (!isUuid(key.id)) return null;
  const row = await client.checkpoint.findFirst({
    where: { id: key.id, jobId: key.jobId, job: visibleJobs(viewer) },
  });
  return row && toRow(row);
}

/** By public handle; null for a handle of another job. */
export async function findCheckpointByPath(
  client: PrismaClient,
  job: OwnedJob,
  path: string,
): Promise<CheckpointRow | null> {
  const row = await client.checkpoint.findFirst({ where: { path, ...ofJob(job) } });
  return row && toRow(row);
}

/** By digest; null when the job has no checkpoint with these bytes. */
export async function findCheckpointByDigest(
  client: PrismaClient,
  { jobId, sha256 }: { jobId: number; sha256: string },
): Promise<CheckpointRow | null> {
  const row = await client.checkpoint.findUnique({ where: { jobId_sha256: { jobId, sha256 } } });
  return row && toRow(row);
}

/**
 * The checkpoint that serves the job when a request names none: the best, else the newest, of those that a worker has
 * accepted; where there are none yet, of those that none has looked into.
 */
export async function chooseCheckpoint(client: PrismaClient, job: OwnedJob): Promise<CheckpointRow | null> {
  const row = await client.checkpoint.findFirst({
    where: { ...ofJob(job), status: { not: 'refused' } },
    // The states' order in the schema: accepted comes after pending.
    orderBy: [{ status: 'desc' }, { isBest: 'desc' }, ...newestFirst],
  });
  return row && toRow(row);
}

/** Records what a worker's inspection has answered; one that was to be the best is so from now on, if it is accepted. */
export async function setInspection(
  client: PrismaClient,
  key: CheckpointKey,
  { status, findings, warnings }: Inspection,
): Promise<CheckpointRow | null> {
  return changeCheckpoint(client, key, { sees: 'all' }, ({ isBest }) => ({
    status,
    findings: jsonOrNull(storable(findings)),
    warnings: storable(warnings),
    isBest: isBest && status !== 'refused',
  }));
}

export interface CheckpointChanges {
  isBest?: boolean | undefined;
  epoch?: number | null | undefined;
  pinned?: boolean | undefined;
  metadata?: Prisma.InputJsonValue;
}

/**
 * Changes what is given; a new best takes this from the others of its job.
 * @throws StoreError `JOB_READ_ONLY`
 */
export async function patchCheckpoint(
  client: PrismaClient,
  key: CheckpointKey,
  changes: CheckpointChanges,
  viewer: Viewer,
): Promise<CheckpointRow | null> {
  return changeCheckpoint(client, key, viewer, () => ({
    ...(changes.isBest !== undefined && { isBest: changes.isBest }),
    ...(changes.epoch !== undefined && { epoch: changes.epoch }),
    ...(changes.pinned !== undefined && { pinned: changes.pinned }),
    ...(changes.metadata !== undefined && { metadata: changes.metadata }),
  }));
}

/** Holds the job's row meanwhile, so that it has one best at any time. */
async function changeCheckpoint(
  client: PrismaClient,
  { jobId, id }: CheckpointKey,
  viewer: Viewer,
  changesOf: (row: Checkpoint) => Prisma.CheckpointUpdateInput,
): Promise<CheckpointRow | null> {
  if (!isUuid(id)) return null;
  return client.$transaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (!job || !isVisible(job, viewer)) return null;
    if (!isChangeable(job, viewer)) throw readOnlyJob(jobId);
    const found = await tx.checkpoint.findFirst({ where: { id, jobId } });
    if (!found) return null;
    const changed = await tx.checkpoint.update({ where: { id }, data: changesOf(found) });
    if (changed.isBest && changed.status === 'accepted') await clearBest(tx, { jobId, except: id });
    return toRow(changed);
  });
}

/**
 * @returns the row that was deleted
 * @throws StoreError `JOB_READ_ONLY`
 */
export async function deleteCheckpoint(
  client: PrismaClient,
  key: CheckpointKey,
  viewer: Viewer,
): Promise<CheckpointRow | null> {
  if (!isUuid(key.id)) return null;
  const row = await client.$transaction(async (tx) => {
    const found = await tx.checkpoint.findFirst({
      where: { id: key.id, jobId: key.jobId, job: visibleJobs(viewer) },
      include: { job: { select: { ownerId: true } } },
    });
    if (found && !isChangeable(found.job, viewer)) throw readOnlyJob(key.jobId);
    // Two may delete at once: whoever's statement meets the row has deleted it.
    return found && (await tx.checkpoint.deleteMany({ where: { id: found.id } })).count === 1 ? found : null;
  });
  if (!row) return null;
  const { job: _job, ...deleted } = row;
  return toRow(deleted);
}

/** How many rows, of whatever job, need the bytes with this digest; 0 means that they can go. */
export async function countCheckpointsWithDigest(client: PrismaClient, sha256: string): Promise<number> {
  return client.checkpoint.count({ where: { sha256 } });
}

async function clearBest(
  tx: Prisma.TransactionClient,
  { jobId, except }: { jobId: number; except: string },
): Promise<void> {
  await tx.checkpoint.updateMany({ where: { jobId, isBest: true, id: { not: except } }, data: { isBest: false } });
}

/** The id column is a uuid, and PostgreSQL answers other text with an error instead of no row. */
function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

function jsonOrNull(value: Prisma.InputJsonValue | null): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value ?? Prisma.DbNull;
}

export function toRow({ bytes, createdAt, ...same }: Checkpoint): CheckpointRow {
  return { ...same, bytes: Number(bytes), createdAt: createdAt.toISOString() };
}
