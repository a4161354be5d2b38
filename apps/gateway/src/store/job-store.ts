import type { JobStatus, Prisma, PrismaClient, TrainingJob } from '@lensgate/prisma';
import { isPrismaError, nullIfNotFound } from './prisma-error.js';
import { readOnlyJob, StoreError } from './store-error.js';
import { isChangeable, isVisible, ownerIdFor, type Viewer, visibleJobs } from './viewer.js';

/** What a client may say of a job. */
export interface JobFields {
  name: string;
  framework: string | null;
  modelName: string;
  taskType: string;
  numClasses: number;
  /** null: the job is silent about names. An empty list says the same and is read back as null. */
  classNames: string[] | null;
  datasetPath: string | null;
  outputDir: string | null;
  status: JobStatus;
}

export interface Job extends JobFields {
  id: number;
  /** null: nobody's. */
  ownerId: string | null;
  /** ISO 8601, UTC. */
  createdAt: string;
  updatedAt: string;
}

export type JobChanges = { [Field in keyof JobFields]?: JobFields[Field] | undefined };

export interface JobPage {
  jobs: Job[];
  /** For the next call; null at the end. */
  nextCursor: string | null;
}

/**
 * Ids up to here move the sequence that numbers new jobs past them. A platform with larger ones leaves it alone: no sequence comes
 * near them, and one moved to the end of its range could number no job any more.
 */
const SEQUENCED_ID_MAX = 2_000_000_000;
const WRITE_TRIES_MAX = 20;
/** Serialises those who move the sequence; any number that nothing else locks. */
const SEQUENCE_LOCK = 72_707_371;

export async function createJob(client: PrismaClient, fields: JobFields, viewer: Viewer): Promise<Job> {
  const data = { ...columnsOf(fields), ownerId: ownerIdFor(viewer) };
  return retryOnTakenId(async () => toJob(await client.trainingJob.create({ data })));
}

/** @returns null also for a job that the viewer does not see */
export async function getJob(client: PrismaClient, id: number, viewer: Viewer): Promise<Job | null> {
  const row = await client.trainingJob.findUnique({ where: { id } });
  return row && isVisible(row, viewer) ? toJob(row) : null;
}

/**
 * The job, for a caller who is about to change it.
 * @throws StoreError `JOB_READ_ONLY`
 */
export async function getJobToChange(client: PrismaClient, id: number, viewer: Viewer): Promise<Job | null> {
  const job = await getJob(client, id, viewer);
  if (job && !isChangeable(job, viewer)) throw readOnlyJob(id);
  return job;
}

/**
 * Highest id first, which is newest first for jobs numbered here. Jobs that come or go between two pages neither repeat
 * nor hide others.
 * @param limit 1 or more
 * @throws StoreError `CURSOR_INVALID`
 */
export async function listJobs(
  client: PrismaClient,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  viewer: Viewer,
): Promise<JobPage> {
  const rows = await client.trainingJob.findMany({
    where: { ...visibleJobs(viewer), ...(cursor !== undefined && { id: { lt: decodeCursor(cursor) } }) },
    orderBy: { id: 'desc' },
    // One more than asked tells whether there is a next page.
    take: limit + 1,
  });
  const jobs = rows.slice(0, limit).map(toJob);
  const last = jobs.at(-1);
  return { jobs, nextCursor: rows.length > limit && last ? encodeCursor(last.id) : null };
}

/**
 * Creates the job under the caller's id, or replaces all its fields; its owner, its checkpoints and its time of creation stay.
 * @throws StoreError `JOB_ID_TAKEN` by a job that the viewer does not see, `JOB_READ_ONLY`
 */
export async function putJob(
  client: PrismaClient,
  id: number,
  fields: JobFields,
  viewer: Viewer,
): Promise<{ job: Job; created: boolean }> {
  return retryOnTakenId(() =>
    client.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SEQUENCE_LOCK})`;
      const existing = await tx.trainingJob.findUnique({ where: { id }, select: { ownerId: true } });
      if (existing) {
        // Only that there is such an id is told: a caller who could not create it would see that anyway.
        if (!isVisible(existing, viewer)) throw new StoreError('JOB_ID_TAKEN', `${id} is taken.`, { jobId: id });
        if (!isChangeable(existing, viewer)) throw readOnlyJob(id);
        return { job: toJob(await tx.trainingJob.update({ where: { id }, data: columnsOf(fields) })), created: false };
      }
      await moveSequencePast(tx, id);
      const data = { id, ...columnsOf(fields), ownerId: ownerIdFor(viewer) };
      return { job: toJob(await tx.trainingJob.create({ data })), created: true };
    }),
  );
}

/**
 * Changes the fields that are given; undefined leaves a field as it is.
 * @throws StoreError `JOB_READ_ONLY`
 */
export async function patchJob(
  client: PrismaClient,
  id: number,
  changes: JobChanges,
  viewer: Viewer,
): Promise<Job | null> {
  const where = { id, ...(viewer.sees === 'own' && { ownerId: viewer.ownerId }) };
  const row = await nullIfNotFound(client.trainingJob.update({ where, data: changedColumnsOf(changes) }));
  return row ? toJob(row) : getJobToChange(client, id, viewer);
}

/**
 * Deletes the job with its checkpoints' rows.
 * @returns the digests of its checkpoints, whose bytes may now be without a row
 * @throws StoreError `JOB_READ_ONLY`
 */
export async function deleteJob(
  client: PrismaClient,
  id: number,
  viewer: Viewer,
): Promise<{ checkpointDigests: string[] } | null> {
  return client.$transaction(async (tx) => {
    // A checkpoint that is added meanwhile waits, and then finds no job.
    const job = await lockJob(tx, id);
    if (!job || !isVisible(job, viewer)) return null;
    if (!isChangeable(job, viewer)) throw readOnlyJob(id);
    const checkpoints = await tx.checkpoint.findMany({ where: { jobId: id }, select: { sha256: true } });
    await tx.trainingJob.delete({ where: { id } });
    return { checkpointDigests: checkpoints.map((row) => row.sha256) };
  });
}

/** Holds the job's row until the transaction ends; null when there is none. */
export async function lockJob(tx: Prisma.TransactionClient, id: number): Promise<{ ownerId: string | null } | null> {
  const rows = await tx.$queryRaw<{ ownerId: string | null }[]>`
    SELECT owner_id::text AS "ownerId" FROM training_jobs WHERE id = ${id} FOR UPDATE`;
  return rows[0] ?? null;
}

/**
 * A POST may draw from the sequence the id that a PUT takes in the same moment, and the other way round. Whoever comes second
 * tries again: the POST draws the next id, and the PUT finds the job to replace.
 */
async function retryOnTakenId<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (!isPrismaError(error, 'uniqueViolated') || tries === WRITE_TRIES_MAX) throw error;
    }
  }
}

async function moveSequencePast(tx: Prisma.TransactionClient, id: number): Promise<void> {
  if (id > SEQUENCED_ID_MAX) return;
  // Only forwards: going back would draw ids again that are taken.
  await tx.$executeRaw`
    SELECT setval('training_jobs_id_seq', ${id})
    FROM training_jobs_id_seq WHERE last_value < ${id} OR (last_value = ${id} AND NOT is_called)`;
}

/** The column is a list, which the client never reads as null: empty stands for it. */
function columnsOf(fields: JobFields) {
  return { ...fields, classNames: fields.classNames ?? [] };
}

function changedColumnsOf({ classNames, ...others }: JobChanges): Prisma.TrainingJobUncheckedUpdateInput {
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return { ...given, ...(classNames !== undefined && { classNames: classNames ?? [] }) };
}

export function toJob(row: TrainingJob): Job {
  const { classNames, createdAt, updatedAt, ...same } = row;
  return {
    ...same,
    classNames: classNames.length > 0 ? classNames : null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function encodeCursor(id: number): string {
  return Buffer.from(`before:${id}`).toString('base64url');
}

function decodeCursor(cursor: string): number {
  const [, digits] = /^before:(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const id = Number(digits);
  if (digits === undefined || id > 2_147_483_647) {
    throw new StoreError('CURSOR_INVALID', 'The cursor is not one that a list has answered.');
  }
  return id;
}
