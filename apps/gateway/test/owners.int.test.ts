import { CheckpointList } from '@lensgate/contracts';
import { type TestDatabase, testDatabase } from '@lensgate/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adminKey, aJob, type Caller, caller, newKey } from './as-caller.js';
import { startGateway, type TestGateway } from './start-gateway.js';
import { startWorkerPeer, type WorkerPeer } from './worker-peer.js';

const both = ['infer', 'manage'];

describe(`owners on ${testDatabase.name}`, () => {
  let database: TestDatabase;
  let peer: WorkerPeer;
  let gateway: TestGateway;
  let admin: Caller;
  let ann: Caller;
  let bob: Caller;
  beforeAll(async () => {
    [database, peer] = await Promise.all([testDatabase.open(), startWorkerPeer()]);
    gateway = await startGateway(database.databaseUrl, {
      LENSGATE_ADMIN_KEY: adminKey,
      ULTRALYTICS_SERVICE_URL: peer.url,
    });
  });
  beforeEach(async () => {
    peer.changes.length = 0;
    await gateway.parts.database.$executeRaw`
      TRUNCATE training_jobs, api_keys, owners, upload_sessions RESTART IDENTITY CASCADE`;
    const { api } = gateway;
    const [annsKey, bobsKey] = [
      await newKey(api, { owner: 'ann', scopes: both }),
      await newKey(api, { owner: 'bob', scopes: both }),
    ];
    admin = caller(api, adminKey);
    ann = caller(api, annsKey.key);
    bob = caller(api, bobsKey.key);
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([database.close(), peer.close()]);
  });

  /** What an answer would be for a job that is not there at all, but for its id. */
  const unlike = async (asked: Promise<{ status: number; body: Record<string, unknown> }>, jobId: number) => {
    const { status, body } = await asked;
    return { status, code: body.code, detail: String(body.detail).replace(String(jobId), '…') };
  };
  const notFound = { status: 404, code: 'JOB_NOT_FOUND', detail: 'There is no training job ….' };
  const jobIds = async (who: Caller) =>
    ((await who.ask('/training/jobs?limit=100')).body.jobs as { id: number }[]).map(({ id }) => id);

  test('a job of another owner is as if it were not there, whatever is tried', async () => {
    const jobId = await bob.createJob({ name: 'bob’s' });
    const uploaded = await bob.uploadCheckpoint(jobId, 'weights of bob');
    const [checkpoint] = CheckpointList.parse(uploaded.body).checkpoints;
    const job = `/training/jobs/${jobId}`;
    const one = `${job}/checkpoints/${checkpoint?.id}`;
    const tried: [string, Parameters<Caller['ask']>[1]?][] = [
      [job],
      [job, { method: 'PATCH', json: { name: 'mine' } }],
      [job, { method: 'DELETE' }],
      [`${job}/checkpoints`],
      [one, { method: 'PATCH', json: { is_best: true } }],
      [one, { method: 'PATCH', json: { pinned: true } }],
      [`${one}/warm`, { method: 'POST' }],
      [`${one}/unload`, { method: 'POST' }],
      [one, { method: 'DELETE' }],
    ];
    for (const [path, input] of tried)
      expect(await unlike(ann.ask(path, input), jobId), `${input?.method ?? 'GET'} ${path}`).toEqual(notFound);
    expect(await unlike(ann.uploadCheckpoint(jobId, 'weights of ann'), jobId)).toEqual(notFound);
    const fields = { training_job_id: String(jobId) };
    // Bob first, so that the job is remembered when ann asks for it.
    expect((await bob.quick(fields)).status).toBe(200);
    expect(await unlike(ann.quick(fields), jobId)).toEqual(notFound);
    expect(await unlike(ann.quick({ ...fields, checkpoint_path: String(checkpoint?.path) }), jobId)).toEqual(notFound);
    expect(await jobIds(ann)).toEqual([]);

    expect(peer.changes).toEqual([]);

    const { status, body } = await bob.ask(job);
    expect([status, body.name]).toEqual([200, 'bob’s']);
    for (const change of ['warm', 'unload'])
      expect(await bob.status(`${one}/${change}`, { method: 'POST' }), change).toBe(200);
    expect(CheckpointList.parse((await bob.ask(`${job}/checkpoints`)).body).checkpoints).toHaveLength(1);
  });

  test('a checkpoint’s handle is good for its own job only, also between jobs of two owners', async () => {
    const [anns, bobs] = [await ann.createJob(), await bob.createJob()];
    await ann.uploadCheckpoint(anns, 'weights of ann');
    const [stolen] = CheckpointList.parse((await bob.uploadCheckpoint(bobs, 'weights of bob')).body).checkpoints;
    const answered = await ann.quick({ training_job_id: String(anns), checkpoint_path: String(stolen?.path) });
    expect(answered).toMatchObject({ status: 404, body: { code: 'CHECKPOINT_NOT_FOUND' } });
    const path = `/training/jobs/${anns}/checkpoints/${stolen?.id}`;
    expect(await ann.ask(path, { method: 'DELETE' })).toMatchObject({ body: { code: 'CHECKPOINT_NOT_FOUND' } });
  });

  test('an id that another owner has taken is 409, and tells no more than that', async () => {
    expect((await bob.ask('/training/jobs/500', { method: 'PUT', json: aJob({ name: 'bob’s' }) })).status).toBe(201);
    const { status, body } = await ann.ask('/training/jobs/500', { method: 'PUT', json: aJob({ name: 'ann’s' }) });
    expect([status, body.code]).toEqual([409, 'JOB_ID_TAKEN']);
    expect(JSON.stringify(body)).not.toMatch(/bob/);
    expect((await bob.ask('/training/jobs/500')).body.name).toBe('bob’s');
    // The owner replaces it, and so does the admin, without taking it over.
    expect((await bob.ask('/training/jobs/500', { method: 'PUT', json: aJob() })).status).toBe(200);
    expect((await admin.ask('/training/jobs/500', { method: 'PUT', json: aJob({ name: 'put' }) })).status).toBe(200);
    expect((await bob.ask('/training/jobs/500')).body.name).toBe('put');
    expect(await ann.status('/training/jobs/500')).toBe(404);
  });

  test('keys of one owner share its jobs, and each page of a list has jobs of that owner only', async () => {
    const { key } = await newKey(gateway.api, { owner: 'ann', scopes: both });
    const colleague = caller(gateway.api, key);
    const anns = [];
    for (let count = 0; count < 3; count += 1) {
      anns.unshift(await ann.createJob());
      await bob.createJob();
    }
    expect(await jobIds(colleague)).toEqual(anns);
    const first = (await colleague.ask('/training/jobs?limit=2')).body;
    expect(first.jobs).toMatchObject([{ id: anns[0] }, { id: anns[1] }]);
    const rest = (await colleague.ask(`/training/jobs?limit=2&cursor=${first.next_cursor}`)).body;
    expect(rest).toMatchObject({ jobs: [{ id: anns[2] }], next_cursor: null });
    expect(await jobIds(admin)).toHaveLength(6);
    expect(await colleague.status(`/training/jobs/${anns[0]}`, { method: 'DELETE' })).toBe(204);
  });

  test('a job of nobody is everybody’s to use, and the admin’s to change', async () => {
    const jobId = await admin.createJob({ name: 'demo' });
    const uploaded = await admin.uploadCheckpoint(jobId, 'weights of all');
    const [checkpoint] = CheckpointList.parse(uploaded.body).checkpoints;
    const job = `/training/jobs/${jobId}`;
    for (const each of [ann, bob]) {
      expect(await jobIds(each)).toEqual([jobId]);
      expect(await each.status(`${job}/checkpoints`)).toBe(200);
      expect((await each.quick({ training_job_id: String(jobId) })).status).toBe(200);
    }
    const one = `${job}/checkpoints/${checkpoint?.id}`;
    const refused = [
      ann.ask(job, { method: 'PUT', json: aJob() }),
      ann.ask(job, { method: 'PATCH', json: { name: 'mine' } }),
      ann.ask(job, { method: 'DELETE' }),
      ann.uploadCheckpoint(jobId, 'weights of ann'),
      ann.ask(one, { method: 'PATCH', json: { is_best: true } }),
      ann.ask(one, { method: 'PATCH', json: { pinned: true } }),
      ann.ask(`${one}/warm`, { method: 'POST' }),
      ann.ask(`${one}/unload`, { method: 'POST' }),
      ann.ask(one, { method: 'DELETE' }),
    ];
    for (const { status, body } of await Promise.all(refused))
      expect([status, body.code, body.params]).toEqual([403, 'JOB_READ_ONLY', { job_id: jobId }]);
    expect(peer.changes).toEqual([]);
    expect((await admin.ask(job)).body.name).toBe('demo');
    expect(await admin.status(`${one}/warm`, { method: 'POST' })).toBe(200);
    expect(peer.changes).toEqual([{ change: 'warm', sha256: checkpoint?.sha256 }]);
    expect(await admin.status(one, { method: 'DELETE' })).toBe(204);
    expect(await admin.status(job, { method: 'DELETE' })).toBe(204);
  });

  test('an uploaded picture is of use to its owner only', async () => {
    const jobId = await admin.createJob();
    await admin.uploadCheckpoint(jobId, 'weights of all');
    const uploaded = (await ann.uploadImage()).body;
    expect((await ann.byHandle(jobId, uploaded.server_path)).status).toBe(200);
    const stolen = await bob.byHandle(jobId, uploaded.server_path);
    expect(stolen).toMatchObject({ status: 404, body: { code: 'HANDLE_NOT_FOUND' } });
    const named = await bob.ask('/test_inference/inference/quick', {
      json: { training_job_id: jobId, image_path: uploaded.server_path, session_id: uploaded.session_id },
    });
    expect(named).toMatchObject({ status: 404, body: { code: 'HANDLE_NOT_FOUND' } });
    const admins = (await admin.uploadImage()).body;
    expect((await ann.byHandle(jobId, admins.server_path)).status).toBe(404);
    expect((await admin.byHandle(jobId, uploaded.server_path)).status).toBe(200);
  });

  test('sessions of two owners under one name are two sessions', async () => {
    const jobId = await admin.createJob();
    await admin.uploadCheckpoint(jobId, 'weights of all');
    const [anns, bobs] = [(await ann.uploadImage('camera')).body, (await bob.uploadImage('camera')).body];
    expect([anns.session_id, bobs.session_id]).toEqual(['camera', 'camera']);
    const end = (who: Caller) => who.ask('/test_inference/inference/session/camera', { method: 'DELETE' });
    expect((await end(bob)).body).toEqual({ status: 'cleaned', session_id: 'camera' });
    expect((await end(bob)).body.status).toBe('not_found');
    expect((await end(admin)).body.status).toBe('not_found');
    expect((await ann.byHandle(jobId, anns.server_path)).status).toBe(200);
    expect((await bob.byHandle(jobId, bobs.server_path)).status).toBe(404);
    expect((await end(ann)).body.status).toBe('cleaned');
  });

  test('the list of models shows checkpoints of the caller’s jobs only', async () => {
    const jobId = await bob.createJob();
    const uploaded = await bob.uploadCheckpoint(jobId, 'weights of bob');
    const [checkpoint] = CheckpointList.parse(uploaded.body).checkpoints;
    const digests = async (who: Caller) =>
      ((await who.ask('/models/list')).body.models as { sha256: string; name: string | null }[]).map(
        ({ name, sha256 }) => name ?? sha256,
      );
    for (const who of [bob, admin]) expect(await digests(who)).toContain(checkpoint?.sha256);
    expect(await digests(ann)).not.toContain(checkpoint?.sha256);
    expect(await digests(ann)).toContain('built-in');
  });

  test('a job whose id another owner has taken meanwhile is not run with the other’s checkpoint', async () => {
    const jobId = await ann.createJob();
    // Known here as ann's, and replaced by bob's as another gateway would.
    await ann.quick({ training_job_id: String(jobId) });
    const { database: client } = gateway.parts;
    const { id: bobId } = await client.owner.findUniqueOrThrow({ where: { name: 'bob' } });
    await client.trainingJob.update({ where: { id: jobId }, data: { ownerId: bobId } });
    await client.checkpoint.create({
      data: { jobId, path: 'ckpt_bob', filename: 'bob.onnx', sha256: 'b'.repeat(64), bytes: 1, status: 'accepted' },
    });
    const answered = await ann.quick({ training_job_id: String(jobId) });
    expect([404, 409]).toContain(answered.status);
    expect(peer.pictures.some(({ fields }) => fields.checkpoint_sha256 === 'b'.repeat(64))).toBe(false);
  });

  test('an owner with jobs or keys cannot be deleted: neither would become everybody’s', async () => {
    await ann.createJob();
    const { database: client } = gateway.parts;
    await expect(client.owner.delete({ where: { name: 'ann' } })).rejects.toThrow();
    await expect(client.owner.delete({ where: { name: 'bob' } })).rejects.toThrow();
  });

  test('jobs and pictures that were there before there were keys stay everybody’s to use', async () => {
    await gateway.parts.database.$executeRaw`
      INSERT INTO training_jobs (id, name, model_name, task_type, num_classes) VALUES (700, 'old', 'm', 'object_detection', 1)`;
    expect(await jobIds(ann)).toEqual([700]);
    expect((await ann.ask('/training/jobs/700', { method: 'PATCH', json: { name: 'x' } })).body.code).toBe(
      'JOB_READ_ONLY',
    );
  });
});
