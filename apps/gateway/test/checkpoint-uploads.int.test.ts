import { Checkpoint, CheckpointList, fail, Problem } from '@lensgate/contracts';
import { expect, test } from 'vitest';
import { aJob, digestOf, first, gatewayWithPeer } from './gateway-with-peer.js';
import { json, sendJson } from './start-gateway.js';
import { startWorkerPeer } from './worker-peer.js';

const { at, createJob, upload, checkpointsUrl, quick, storedFiles } = gatewayWithPeer();

test('an uploaded checkpoint is inspected by the worker and answered with what it found', async () => {
  const job = await createJob();
  const { status, body } = await upload(job.id, 'model one', { is_best: true, epoch: 7 });
  expect(status).toBe(201);
  expect(first(body)).toMatchObject({
    filename: 'best.onnx',
    is_best: true,
    epoch: 7,
    bytes: 9,
    sha256: digestOf('model one'),
    status: 'accepted',
    findings: { family: 'yolo-detect' },
    warnings: ['said by the worker'],
  });
  expect(await storedFiles()).toEqual([digestOf('model one')]);
  const repeated = await upload(job.id, 'model one');
  expect([repeated.status, first(repeated.body).id]).toEqual([200, first(body).id]);
  expect(at.peer.pushes).toHaveLength(1);
  const listed = await json(await fetch(checkpointsUrl(job.id)));
  expect(CheckpointList.parse(listed.body).checkpoints).toHaveLength(1);
});

test('what is said of a checkpoint when it is uploaded again counts, or a warning says that it does not', async () => {
  const job = await createJob();
  const other = first((await upload(job.id, 'other', { is_best: true })).body);
  const once = first((await upload(job.id, 'model', { epoch: 1, class_names: ['a', 'b'] })).body);
  expect(once).toMatchObject({ is_best: false, epoch: 1 });
  const said = { epoch: 9, is_best: true, class_names: ['a', 'b'] };
  const again = await upload(job.id, 'model', said);
  expect([again.status, first(again.body)]).toEqual([200, { ...once, epoch: 9, is_best: true }]);
  const listed = CheckpointList.parse((await json(await fetch(checkpointsUrl(job.id)))).body).checkpoints;
  expect(listed.find(({ id }) => id === other.id)?.is_best).toBe(false);
  const renamed = first((await upload(job.id, 'model', { ...said, class_names: ['c', 'd'] })).body);
  expect(renamed.warnings.at(-1)).toMatch(/only is_best and epoch were taken over/);
});

test('what is said of a refused checkpoint when it is uploaded again counts', async () => {
  const job = await createJob({ class_names: null });
  at.peer.behaviour.refuseCheckpoint = fail('CHECKPOINT_REFUSED', { reason: 'no' });
  expect((await upload(job.id, 'bad', { epoch: 1 })).status).toBe(424);
  delete at.peer.behaviour.refuseCheckpoint;
  const said = { epoch: 2, is_best: true, class_names: ['신발', 'bag'] };
  expect(first((await upload(job.id, 'bad', said)).body)).toMatchObject({
    status: 'accepted',
    epoch: 2,
    is_best: true,
  });
  const row = await at.gateway.parts.database.checkpoint.findFirstOrThrow({ where: { jobId: job.id } });
  expect(row.metadata).toMatchObject({ class_names: ['신발', 'bag'] });
});

test('class names of a file that the database cannot hold are kept without what it cannot', async () => {
  const job = await createJob();
  at.peer.behaviour.classNames = ['t\0shirt', '신발'];
  const { status, body } = await upload(job.id, 'model');
  expect([status, first(body).status]).toEqual([201, 'accepted']);
  expect(first(body).findings?.class_names).toEqual(['t\ufffdshirt', '신발']);
});

test('text that no database can hold is a fault of its field, and leaves nothing', async () => {
  const job = await createJob();
  const jobs = `${at.gateway.api}/training/jobs`;
  for (const [field, value] of [
    ['name', 'a\0b'],
    ['dataset_path', '\0'],
    ['class_names', ['shirt', '\udc00']],
  ] as const) {
    const answers = [
      await sendJson(jobs, 'POST', aJob({ [field]: value })),
      await sendJson(`${jobs}/${job.id}`, 'PATCH', { [field]: value }),
    ];
    for (const { status, body } of answers) {
      expect([status, Problem.parse(body).code]).toEqual([422, 'FIELD_INVALID']);
      expect(Problem.parse(body).errors?.[0]?.field).toMatch(new RegExp(`^${field}`));
    }
  }
  expect(await quick({ training_job_id: `${job.id}`, checkpoint_path: 'a\0' })).toMatchObject({
    status: 422,
    body: { code: 'FIELD_INVALID' },
  });
  expect((await upload(job.id, 'model', { note: '\0' })).status).toBe(422);
  expect(await storedFiles()).toEqual([]);
});

test('a refused checkpoint answers 424 with the reason, is listed as refused and keeps no bytes', async () => {
  const job = await createJob();
  at.peer.behaviour.refuseCheckpoint = fail('CHECKPOINT_REFUSED', { reason: 'It has 3 outputs.' });
  expect(await upload(job.id, 'bad')).toMatchObject({
    status: 424,
    body: { code: 'CHECKPOINT_REFUSED', detail: 'It has 3 outputs.' },
  });
  expect(await storedFiles()).toEqual([]);
  const listed = first((await json(await fetch(checkpointsUrl(job.id)))).body);
  expect(listed).toMatchObject({ status: 'refused', warnings: ['It has 3 outputs.'] });
  expect(await quick({ training_job_id: `${job.id}`, checkpoint_path: listed.path })).toMatchObject({
    status: 424,
    body: { detail: 'It has 3 outputs.' },
  });
  delete at.peer.behaviour.refuseCheckpoint;
  const again = await upload(job.id, 'bad');
  expect([again.status, first(again.body).id, first(again.body).status]).toEqual([201, listed.id, 'accepted']);
  expect(await storedFiles()).toHaveLength(1);
});

test('a checkpoint whose worker is away is kept as pending and inspected at its first use', async () => {
  const job = await createJob();
  await at.peer.close();
  const { status, body } = await upload(job.id, 'later');
  expect([status, first(body).status]).toEqual([202, 'pending']);
  expect(first(body).warnings[0]).toContain('cannot be reached');
  expect((await quick({ training_job_id: `${job.id}` })).status).toBe(502);
  at.peer = await startWorkerPeer({ port: at.peer.port, token: 'between-us' });
  await Promise.all(
    [1, 2, 3].map(async () => expect((await quick({ training_job_id: `${job.id}` })).status).toBe(200)),
  );
  expect(at.peer.pushes).toHaveLength(1);
  expect(first((await json(await fetch(checkpointsUrl(job.id)))).body).status).toBe('accepted');
});

test('bytes that two jobs share stay until the last of them goes', async () => {
  const [one, two] = [await createJob(), await createJob()];
  const shared = first((await upload(one.id, 'shared')).body);
  await upload(two.id, 'shared');
  expect((await fetch(`${checkpointsUrl(one.id)}/${shared.id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await storedFiles()).toHaveLength(1);
  expect(at.peer.deletions).toEqual([]);
  await fetch(`${at.gateway.api}/training/jobs/${two.id}`, { method: 'DELETE' });
  expect(await storedFiles()).toEqual([]);
  expect(at.peer.deletions).toEqual([shared.sha256]);
});

test('a checkpoint is changed, and one of another job is not found', async () => {
  const [one, two] = [await createJob(), await createJob()];
  const mine = first((await upload(one.id, 'mine')).body);
  const patched = await sendJson(`${checkpointsUrl(one.id)}/${mine.id}`, 'PATCH', { is_best: false, epoch: 3 });
  expect(Checkpoint.parse(patched.body)).toMatchObject({ is_best: false, epoch: 3 });
  for (const [jobId, id, code] of [
    [two.id, mine.id, 'CHECKPOINT_NOT_FOUND'],
    [one.id, 'nonsense', 'CHECKPOINT_NOT_FOUND'],
    [99999, mine.id, 'JOB_NOT_FOUND'],
  ])
    expect(await sendJson(`${checkpointsUrl(Number(jobId))}/${id}`, 'PATCH', { epoch: 1 })).toMatchObject({
      status: 404,
      body: { code },
    });
});

test('an upload that breaks off, or has wrong metadata, leaves no row and no bytes', async () => {
  const job = await createJob();
  const form = new FormData();
  form.append('file', new Blob(['x'.repeat(100_000)]), 'a.onnx');
  form.append('metadata', '{"epoch":-1}');
  const wrong = await json(await fetch(checkpointsUrl(job.id), { method: 'POST', body: form }));
  expect(wrong).toMatchObject({ status: 422, body: { code: 'FIELD_INVALID' } });
  expect(await storedFiles()).toEqual([]);
  expect((await upload(99999, 'x')).status).toBe(404);
  expect((await json(await fetch(checkpointsUrl(job.id)))).body).toEqual({ checkpoints: [] });
});

test('a field of an upload that is not known is named in its warnings', async () => {
  const job = await createJob();
  const form = new FormData();
  form.append('file', new Blob(['x']), 'a.onnx');
  form.append('is_bset', 'true');
  const response = await fetch(`${checkpointsUrl(job.id)}?epoc=3`, { method: 'POST', body: form });
  expect(first((await json(response)).body).warnings).toEqual([
    'said by the worker',
    'The field epoc is not known and was ignored.',
    'The field is_bset is not known and was ignored.',
  ]);
});
