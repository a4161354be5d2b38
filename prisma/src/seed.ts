import type { CheckpointStatus, JobStatus, Prisma, PrismaClient } from './generated/client.js';

export interface DemoCheckpoint {
  /** Public handle, unique in the whole database. */
  path: string;
  filename: string;
  /** Of the bytes that the caller has put into its store, lower-case hex. */
  sha256: string;
  bytes: number;
  isBest: boolean;
  epoch?: number;
  status: CheckpointStatus;
  metadata?: Prisma.InputJsonValue;
}

export interface DemoJob {
  /** {@link demoJobIds} are kept for demo jobs. */
  id: number;
  name: string;
  framework: string | null;
  modelName: string;
  taskType: string;
  numClasses: number;
  classNames: string[];
  status: JobStatus;
  checkpoints: DemoCheckpoint[];
}

/** No job that is created without an id gets one of these. */
export const demoJobIds = { first: 20, last: 99 } as const;

/** Seeding at several gateways at once takes turns; any number that nothing else locks. */
const SEED_LOCK = 72_707_370;

/**
 * Inserts the demo jobs that this database has never been given, with their checkpoints' rows, and moves the id sequence past
 * the ids of demo jobs. One that was given before is not touched, deleted or not; one whose id is taken counts as given.
 *
 * @returns ids of the jobs inserted by this call
 */
export async function seedDemo(client: PrismaClient, demo: readonly DemoJob[]): Promise<{ seededIds: number[] }> {
  for (const { id } of demo) {
    if (id < demoJobIds.first || id > demoJobIds.last) {
      throw new RangeError(`Demo job ${id} is not between ${demoJobIds.first} and ${demoJobIds.last}.`);
    }
  }
  return client.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SEED_LOCK})`;
    await tx.$executeRaw`
      SELECT setval('training_jobs_id_seq', ${demoJobIds.last})
      FROM training_jobs_id_seq WHERE last_value < ${demoJobIds.last}`;
    const ids = demo.map((job) => job.id);
    const given = await tx.seededJob.findMany({ where: { jobId: { in: ids } } });
    const taken = await tx.trainingJob.findMany({ where: { id: { in: ids } }, select: { id: true } });
    const givenIds = new Set(given.map((row) => row.jobId));
    const takenIds = new Set(taken.map((row) => row.id));
    const seededIds: number[] = [];
    for (const job of demo.filter(({ id }) => !givenIds.has(id))) {
      await tx.seededJob.create({ data: { jobId: job.id } });
      if (takenIds.has(job.id)) continue;
      const { checkpoints, ...columns } = job;
      await tx.trainingJob.create({ data: { ...columns, checkpoints: { create: checkpoints } } });
      seededIds.push(job.id);
    }
    return { seededIds };
  });
}
