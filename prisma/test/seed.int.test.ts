import { createClient, type DemoJob, demoJobIds, migrate, type PrismaClient, seedDemo } from '@lensgate/prisma';
import { type TestDatabase, testDatabase } from '@lensgate/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const aDemoJob = (id: number): DemoJob => ({
  id,
  name: `시연 ${id}`,
  framework: 'ultralytics',
  modelName: 'wardrobe',
  taskType: 'object_detection',
  numClasses: 2,
  classNames: ['셔츠', 'shoe'],
  status: 'completed',
  checkpoints: [
    {
      path: `demo_${id}`,
      filename: 'best.onnx',
      sha256: String(id).padStart(64, '0'),
      bytes: 12_000_000,
      isBest: true,
      status: 'accepted',
    },
  ],
});

describe(`seeding on ${testDatabase.name}`, () => {
  let database: TestDatabase;
  let client: PrismaClient;

  beforeAll(async () => {
    database = await testDatabase.open();
    await migrate(database.databaseUrl, { logger: { info: () => {} } });
    client = createClient(database.databaseUrl, { connectionsMax: 4 });
  });
  beforeEach(async () => {
    await client.$executeRaw`TRUNCATE training_jobs, checkpoints, seeded_jobs RESTART IDENTITY`;
  });
  afterAll(async () => {
    await client.$disconnect();
    await database.close();
  });

  test('inserts each demo job with its checkpoints once, also when several do it together', async () => {
    const results = await Promise.all([1, 2, 3].map(() => seedDemo(client, [aDemoJob(20), aDemoJob(21)])));
    expect(results.flatMap((result) => result.seededIds).sort()).toEqual([20, 21]);
    const job = await client.trainingJob.findUnique({ where: { id: 20 }, include: { checkpoints: true } });
    expect(job).toMatchObject({ name: '시연 20', classNames: ['셔츠', 'shoe'], status: 'completed' });
    expect(job?.checkpoints).toMatchObject([{ path: 'demo_20', isBest: true, bytes: 12_000_000n, status: 'accepted' }]);
  });

  test('does not bring back a demo job that was deleted, and adds one that a later version brings', async () => {
    await seedDemo(client, [aDemoJob(20)]);
    await client.trainingJob.delete({ where: { id: 20 } });
    expect(await seedDemo(client, [aDemoJob(20), aDemoJob(23)])).toEqual({ seededIds: [23] });
    expect(await client.trainingJob.findMany({ select: { id: true } })).toEqual([{ id: 23 }]);
  });

  test('leaves a job alone that has the id of a demo job already', async () => {
    const { checkpoints: _, ...columns } = aDemoJob(20);
    await client.trainingJob.create({ data: { ...columns, name: 'mine' } });
    expect(await seedDemo(client, [aDemoJob(20)])).toEqual({ seededIds: [] });
    expect(await client.trainingJob.findUnique({ where: { id: 20 } })).toMatchObject({ name: 'mine' });
  });

  test('moves the id sequence past the ids of demo jobs, and never back', async () => {
    const { id: _, checkpoints: __, ...columns } = aDemoJob(20);
    await seedDemo(client, []);
    expect(await client.trainingJob.create({ data: columns })).toMatchObject({ id: demoJobIds.last + 1 });
    await seedDemo(client, [aDemoJob(20)]);
    expect(await client.trainingJob.create({ data: columns })).toMatchObject({ id: demoJobIds.last + 2 });
  });

  test('refuses an id outside the range of demo jobs', async () => {
    await expect(seedDemo(client, [aDemoJob(100)])).rejects.toThrow(RangeError);
  });
});
