import { createClient, migrate, type PrismaClient } from '@lensgate/prisma';
import { type TestDatabase, testDatabase } from '@lensgate/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  chooseCheckpoint,
  countCheckpointsWithDigest,
  createCheckpoint,
  deleteCheckpoint,
  findCheckpointByDigest,
  findCheckpointByPath,
  getCheckpoint,
  listCheckpoints,
  type NewCheckpoint,
  patchCheckpoint,
  setInspection,
} from '../src/store/checkpoint-rows.js';
import { knownDigests, listPinned } from '../src/store/checkpoints-of-jobs.js';
import { createJob, deleteJob, getJob, type JobFields, listJobs, patchJob, putJob } from '../src/store/job-store.js';

const aJob = (fields: Partial<JobFields> = {}): JobFields => ({
  name: '옷장',
  framework: 'ultralytics',
  modelName: 'yolo11n',
  taskType: 'object_detection',
  numClasses: 2,
  classNames: ['셔츠', 'shoe'],
  datasetPath: null,
  outputDir: null,
  status: 'completed',
  ...fields,
});

/** The one who sees and changes everything. */
const all = { sees: 'all' } as const;

const digestOf = (seed: number) => seed.toString(16).padStart(64, '0');
const nobody = '00000000-0000-7000-8000-000000000000';

describe(`the store on ${testDatabase.name}`, () => {
  let database: TestDatabase;
  let client: PrismaClient;

  beforeAll(async () => {
    database = await testDatabase.open();
    await migrate(database.databaseUrl, { logger: { info: () => {} } });
    client = createClient(database.databaseUrl, { connectionsMax: 4 });
  });
  beforeEach(async () => {
    await client.$executeRaw`TRUNCATE training_jobs, checkpoints RESTART IDENTITY`;
  });
  afterAll(async () => {
    await client.$disconnect();
    await database.close();
  });

  const addCheckpoint = (jobId: number, seed: number, fields: Partial<NewCheckpoint> = {}) =>
    createCheckpoint(
      client,
      {
        jobId,
        filename: `${seed}.onnx`,
        sha256: digestOf(seed),
        bytes: 5_000_000_000,
        ...fields,
      },
      all,
    );

  describe('jobs', () => {
    test('a created job reads back as it was given, with times in ISO 8601', async () => {
      const job = await createJob(client, aJob(), all);
      expect(job).toEqual({
        id: 1,
        ownerId: null,
        ...aJob(),
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      expect(new Date(job.createdAt).toISOString()).toBe(job.createdAt);
      expect(await getJob(client, job.id, all)).toEqual(job);
      expect(await getJob(client, 2, all)).toBeNull();
    });

    test('no class names and an empty list of them are both silence', async () => {
      for (const classNames of [null, []]) {
        expect(await createJob(client, aJob({ classNames }), all)).toMatchObject({ classNames: null });
      }
    });

    test('a put job is created under its id, then replaced with its checkpoints kept', async () => {
      const put = await putJob(client, 7, aJob(), all);
      expect(put).toMatchObject({ created: true, job: { id: 7, name: '옷장' } });
      await addCheckpoint(7, 1);
      const replaced = await putJob(client, 7, aJob({ name: 'new', framework: null, classNames: null }), all);
      expect(replaced.created).toBe(false);
      expect(replaced.job).toMatchObject({ name: 'new', framework: null, classNames: null });
      expect(replaced.job.createdAt).toBe(put.job.createdAt);
      expect(await listCheckpoints(client, 7, all)).toHaveLength(1);
    });

    test('jobs created beside puts never collide with them', async () => {
      await putJob(client, 1, aJob(), all);
      const written = await Promise.all(
        Array.from({ length: 30 }, async (_, index) =>
          index % 3 === 0
            ? putJob(client, 3 + index, aJob(), all)
            : { job: await createJob(client, aJob(), all), created: true },
        ),
      );
      const createdIds = written.filter((result) => result.created).map((result) => result.job.id);
      expect(new Set(createdIds).size).toBe(createdIds.length);
      expect(createdIds).not.toContain((await createJob(client, aJob(), all)).id);
    });

    test('a put under the largest id does not use up the ids of jobs to come', async () => {
      await putJob(client, 2_147_483_647, aJob(), all);
      expect(await createJob(client, aJob(), all)).toMatchObject({ id: 1 });
    });

    test('a put under a smaller id does not move numbering back', async () => {
      await putJob(client, 50, aJob(), all);
      await putJob(client, 10, aJob(), all);
      expect(await createJob(client, aJob(), all)).toMatchObject({ id: 51 });
    });

    test('one of several puts of the same id creates it', async () => {
      const puts = await Promise.all(Array.from({ length: 6 }, () => putJob(client, 5, aJob(), all)));
      expect(puts.filter((put) => put.created)).toHaveLength(1);
    });

    test('a patch changes what it names and nothing else', async () => {
      const job = await createJob(client, aJob(), all);
      const patched = await patchJob(client, job.id, { name: 'new', framework: null, classNames: undefined }, all);
      expect(patched).toEqual({ ...job, name: 'new', framework: null, updatedAt: expect.any(String) });
      expect(await patchJob(client, job.id, { classNames: null }, all)).toMatchObject({ classNames: null });
      expect(await patchJob(client, 99, { name: 'new' }, all)).toBeNull();
    });

    test('a deleted job takes its checkpoints along and names their digests', async () => {
      const { id } = await createJob(client, aJob(), all);
      const checkpoint = await addCheckpoint(id, 1);
      expect(await deleteJob(client, id, all)).toEqual({ checkpointDigests: [digestOf(1)] });
      expect(await getCheckpoint(client, { jobId: id, id: checkpoint.id }, all)).toBeNull();
      expect(await deleteJob(client, id, all)).toBeNull();
    });

    test('pages list every job once, highest id first, while jobs come and go', async () => {
      for (let count = 0; count < 5; count += 1) await createJob(client, aJob(), all);
      const first = await listJobs(client, { limit: 2 }, all);
      expect(first.jobs.map((job) => job.id)).toEqual([5, 4]);
      await createJob(client, aJob(), all);
      await deleteJob(client, 4, all);
      const second = await listJobs(client, { limit: 2, cursor: first.nextCursor! }, all);
      expect(second.jobs.map((job) => job.id)).toEqual([3, 2]);
      const third = await listJobs(client, { limit: 2, cursor: second.nextCursor! }, all);
      expect(third).toMatchObject({ jobs: [{ id: 1 }], nextCursor: null });
    });

    test('a page that is just full at the end has no next one, and an empty list has none', async () => {
      expect(await listJobs(client, { limit: 1 }, all)).toEqual({ jobs: [], nextCursor: null });
      await createJob(client, aJob(), all);
      expect(await listJobs(client, { limit: 1 }, all)).toMatchObject({ jobs: [{ id: 1 }], nextCursor: null });
    });

    test.each(['', 'x', 'YmVmb3JlOjk5OTk5OTk5OTk', '한글'])('the cursor %j is refused', async (cursor) => {
      await expect(listJobs(client, { limit: 1, cursor }, all)).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    });
  });

  describe('checkpoints', () => {
    let jobId: number;
    beforeEach(async () => {
      jobId = (await createJob(client, aJob(), all)).id;
    });

    test('a created checkpoint is pending and is found by id, handle and digest within its job only', async () => {
      const other = (await createJob(client, aJob(), all)).id;
      const checkpoint = await addCheckpoint(jobId, 1, { epoch: 3, metadata: { class_names: ['셔츠'] } });
      expect(checkpoint).toEqual({
        id: expect.any(String),
        jobId,
        path: expect.stringMatching(/^ckpt_[0-9a-f]{32}$/),
        filename: '1.onnx',
        isBest: false,
        epoch: 3,
        pinned: false,
        sha256: digestOf(1),
        bytes: 5_000_000_000,
        status: 'pending',
        findings: null,
        warnings: [],
        metadata: { class_names: ['셔츠'] },
        createdAt: expect.any(String),
      });
      const { id, path, sha256 } = checkpoint;
      expect(await getCheckpoint(client, { jobId, id }, all)).toEqual(checkpoint);
      expect(await findCheckpointByPath(client, { id: jobId, ownerId: null }, path)).toEqual(checkpoint);
      expect(await findCheckpointByDigest(client, { jobId, sha256 })).toEqual(checkpoint);
      expect(await getCheckpoint(client, { jobId: other, id }, all)).toBeNull();
      expect(await findCheckpointByPath(client, { id: other, ownerId: null }, path)).toBeNull();
      expect(await findCheckpointByDigest(client, { jobId: other, sha256 })).toBeNull();
    });

    test('the same bytes are refused twice in one job, also at once, and allowed in another', async () => {
      const tries = await Promise.allSettled([1, 2, 3].map(() => addCheckpoint(jobId, 1)));
      const refusals = tries.filter((result) => result.status === 'rejected').map((result) => result.reason);
      expect(refusals).toMatchObject([{ code: 'CHECKPOINT_EXISTS' }, { code: 'CHECKPOINT_EXISTS' }]);
      const other = (await createJob(client, aJob(), all)).id;
      await addCheckpoint(other, 1);
      expect(await countCheckpointsWithDigest(client, digestOf(1))).toBe(2);
    });

    test('a checkpoint of a missing job and a handle that is taken are refused with their reason', async () => {
      await expect(addCheckpoint(999, 1)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
      const { path } = await addCheckpoint(jobId, 1);
      await expect(addCheckpoint(jobId, 2, { path })).rejects.toMatchObject({ code: 'CHECKPOINT_PATH_TAKEN' });
    });

    test('the list is newest first, also when several came within one tick of the clock', async () => {
      for (let seed = 1; seed <= 12; seed += 1) await addCheckpoint(jobId, seed);
      const filenames = (await listCheckpoints(client, jobId, all)).map((row) => row.filename);
      expect(filenames).toEqual(Array.from({ length: 12 }, (_, index) => `${12 - index}.onnx`));
    });

    const inspect = (id: string, status: 'accepted' | 'refused') =>
      setInspection(client, { jobId, id }, { status, findings: null, warnings: [] });
    const bestOf = async () =>
      (await listCheckpoints(client, jobId, all)).filter(({ isBest }) => isBest).map(({ id }) => id);

    test('a job has one best checkpoint, however many claim it at once', async () => {
      const rows = await Promise.all([1, 2, 3, 4].map((seed) => addCheckpoint(jobId, seed, { isBest: true })));
      await Promise.all(rows.map(({ id }) => inspect(id, 'accepted')));
      expect(await bestOf()).toHaveLength(1);
      await Promise.all(rows.map(({ id }) => patchCheckpoint(client, { jobId, id }, { isBest: true }, all)));
      expect(await bestOf()).toHaveLength(1);
    });

    test('one that is to be the best is so when it is accepted; until then, and if it is refused, the old one is', async () => {
      const old = await addCheckpoint(jobId, 1, { isBest: true });
      await inspect(old.id, 'accepted');
      const unfit = await addCheckpoint(jobId, 2, { isBest: true });
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toMatchObject({ id: old.id });
      expect(await inspect(unfit.id, 'refused')).toMatchObject({ isBest: false });
      expect(await bestOf()).toEqual([old.id]);
      const fit = await addCheckpoint(jobId, 3, { isBest: true });
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toMatchObject({ id: old.id });
      await inspect(fit.id, 'accepted');
      expect(await bestOf()).toEqual([fit.id]);
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toMatchObject({ id: fit.id });
    });

    test('a patch changes what it names, and a failed one takes nothing from the best', async () => {
      const { id } = await addCheckpoint(jobId, 1, { isBest: true, epoch: 1 });
      expect(await patchCheckpoint(client, { jobId, id }, { epoch: null }, all)).toMatchObject({
        isBest: true,
        epoch: null,
      });
      expect(await patchCheckpoint(client, { jobId, id: nobody }, { isBest: true }, all)).toBeNull();
      expect(await getCheckpoint(client, { jobId, id }, all)).toMatchObject({ isBest: true });
      expect(await patchCheckpoint(client, { jobId, id }, { isBest: false }, all)).toMatchObject({ isBest: false });
    });

    test('the best serves a job, else the newest, of those accepted, else of those not looked into', async () => {
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toBeNull();
      const best = await addCheckpoint(jobId, 1, { isBest: true });
      const newer = await addCheckpoint(jobId, 2);
      const newest = await addCheckpoint(jobId, 3);
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toMatchObject({ id: best.id });
      await inspect(best.id, 'refused');
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toMatchObject({ id: newest.id });
      await inspect(newer.id, 'accepted');
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toMatchObject({ id: newer.id });
      await inspect(newest.id, 'accepted');
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toMatchObject({ id: newest.id });
      for (const { id } of [newer, newest]) await inspect(id, 'refused');
      expect(await chooseCheckpoint(client, { id: jobId, ownerId: null })).toBeNull();
    });

    test('the pinned are listed with their jobs, by their bytes too, but never one that was refused', async () => {
      const pinned = await addCheckpoint(jobId, 1);
      await addCheckpoint(jobId, 2);
      const refused = await addCheckpoint(jobId, 3);
      for (const { id } of [pinned, refused]) await patchCheckpoint(client, { jobId, id }, { pinned: true }, all);
      await setInspection(client, { jobId, id: refused.id }, { status: 'refused', findings: null, warnings: [] });
      const listed = await listPinned(client);
      expect(listed).toEqual([{ row: { ...pinned, pinned: true }, job: await getJob(client, jobId, all) }]);
      expect(await listPinned(client, { sha256: digestOf(1) })).toEqual(listed);
      expect(await listPinned(client, { sha256: digestOf(2) })).toEqual([]);
      expect(await knownDigests(client, [digestOf(2), digestOf(9)])).toEqual(new Set([digestOf(2)]));
      expect(await patchCheckpoint(client, { jobId, id: pinned.id }, { pinned: false }, all)).toEqual(pinned);
      expect(await listPinned(client)).toEqual([]);
    });

    test('an inspection is recorded as the worker said it', async () => {
      const { id } = await addCheckpoint(jobId, 1);
      const findings = { family: 'yolo-detect', inputs: [{ name: 'images', shape: ['batch', 3, 320, 320] }] };
      const inspection = { status: 'accepted' as const, findings, warnings: ['이름이 다릅니다'] };
      expect(await setInspection(client, { jobId, id }, inspection)).toMatchObject(inspection);
      expect(await getCheckpoint(client, { jobId, id }, all)).toMatchObject(inspection);
      expect(await setInspection(client, { jobId, id: nobody }, inspection)).toBeNull();
    });

    test('one of two deletions gets the row, and the digest is counted no more', async () => {
      const { id } = await addCheckpoint(jobId, 1);
      const deleted = await Promise.all([1, 2].map(() => deleteCheckpoint(client, { jobId, id }, all)));
      expect(deleted.filter((row) => row?.id === id)).toHaveLength(1);
      expect(await countCheckpointsWithDigest(client, digestOf(1))).toBe(0);
    });

    test('an id that is no uuid is simply not found', async () => {
      const key = { jobId, id: 'x' };
      expect(await getCheckpoint(client, key, all)).toBeNull();
      expect(await patchCheckpoint(client, key, { isBest: true }, all)).toBeNull();
      expect(await setInspection(client, key, { status: 'accepted', findings: null, warnings: [] })).toBeNull();
      expect(await deleteCheckpoint(client, key, all)).toBeNull();
    });
  });
});
