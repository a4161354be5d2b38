import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Checkpoint } from '@lensgate/contracts';
import { createClient } from '@lensgate/prisma';
import {
  aJob,
  call,
  closeConnections,
  descendantsOf,
  detectModel,
  formOf,
  greyPicture,
  isAlive,
  referencePictures,
  seededRandom,
  waitFor,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { report } from './report.js';
import { scale } from './scale.js';
import { startWorld, type World } from './world.js';

const demoJob = 20;
const picture = referencePictures()[0]!.bytes;
const model = detectModel();
const random = seededRandom(scale.seed);
/** Short, so that what a killed process has left is removed while the test looks on. */
const times = { CHECKPOINT_TIMEOUT_MS: '5000', UPLOAD_TTL_MS: '4000', UPLOAD_TIMEOUT_MS: '2000' };
let world: World;
let black: Buffer;
let jobId: number;
let uploads = 0;

beforeAll(async () => {
  black = await greyPicture(0);
  world = await startWorld({ gatewayEnv: times, workerEnv: { CHILDREN_MAX: '4' } });
  jobId = (await world.gateway.createJob(aJob())).body.id;
  expect((await world.gateway.upload(jobId, model)).status).toBe(201);
});
afterAll(async () => {
  await world.close();
  await closeConnections();
});

/** Clients of every kind, who take no notice of failures: what counts is what is left. */
function startLoad(): { stop(): Promise<void> } {
  let isOver = false;
  const again = async (work: () => Promise<unknown>) => {
    while (!isOver) await work().catch(() => sleep(20));
  };
  const upload = () => {
    uploads += 1;
    return world.gateway.upload(jobId, withMetadata(model, { name: `upload ${uploads}` }));
  };
  const uploadImage = () => {
    const { body, contentType } = formOf([{ name: 'file', value: picture, filename: 'a.png' }]);
    return call(world.gateway.quickUrl.replace('quick', 'upload-image'), {
      method: 'POST',
      body,
      headers: { 'content-type': contentType },
    });
  };
  const loops = [
    again(() => world.gateway.quick(demoJob, { image: picture })),
    again(() => world.gateway.quick(jobId, { image: black })),
    again(upload),
    again(uploadImage),
  ];
  return {
    async stop() {
      isOver = true;
      await Promise.all(loops);
    },
  };
}

const checkpoints = async (): Promise<readonly Checkpoint[]> =>
  (await world.gateway.checkpoints(jobId)).body.checkpoints;
const answers = async (id: number, image: Buffer, fields = {}) =>
  (await world.gateway.quick(id, { image, fields }).catch(() => ({ status: 0 }))).status === 200;

/** Strikes, brings back what was struck, and says which processes must have ended with it. */
const victims = {
  gateway: async () => {
    await world.gateway.kill9();
    world.gateway = await world.gateway.again();
    return [];
  },
  worker: async () => {
    const children = descendantsOf(world.worker.pid);
    await world.worker.kill9();
    await waitFor(() => !children.some(isAlive), { what: 'the end of the children' });
    world.worker = await world.worker.again();
    return children;
  },
  'child process': async () => {
    const children = world.worker.children();
    if (children.length > 0) process.kill(random.pick(children), 'SIGKILL');
    return [];
  },
  database: async () => {
    await world.database.kill9();
    await world.database.again();
    return [];
  },
};

describe('SIGKILL at a random moment, under load, and a new start', () => {
  test.each(Object.entries(victims))(
    'of the %s: everything that was accepted is served again',
    async (name, strike) => {
      const load = startLoad();
      try {
        for (let round = 0; round < scale.rounds; round++) {
          await sleep(random.below(1_500));
          await strike();
          await waitFor(() => answers(demoJob, picture), { what: 'an answer for job 20', waitMsMax: 60_000 });
          await waitFor(() => answers(jobId, black), { what: 'an answer for the own job', waitMsMax: 60_000 });
        }
      } finally {
        await load.stop();
      }
      const accepted = (await checkpoints()).filter(({ status }) => status === 'accepted');
      // The oldest and the newest: others are like them.
      for (const { path } of [...accepted.slice(0, 3), ...accepted.slice(-5)])
        await waitFor(() => answers(jobId, black, { checkpoint_path: path }), { what: `an answer of ${path}` });
      report({
        part: 'kills',
        fault: `SIGKILL of the ${name}`,
        how: 'at random moments, while pictures are inferred and uploaded and checkpoints are uploaded',
        times: scale.rounds,
        outcome: `serves again after each; ${accepted.length} accepted checkpoints, first and last of them answer 200`,
      });
    },
  );
});

test('after all that no file is half, wrong or nobody’s', async () => {
  const gatewayStore = join(world.gateway.folder, 'data/checkpoints');
  const workerStore = join(world.worker.folder, 'data/ultralytics-checkpoints');
  const uploadStore = join(world.gateway.folder, 'data/uploads');
  const database = createClient(world.database.databaseUrl, { connectionsMax: 1 });
  try {
    await waitFor(
      async () => {
        const rows = await database.checkpoint.findMany({ select: { sha256: true } });
        const wanted = new Set(rows.map(({ sha256 }) => sha256));
        const pictures = [
          ...(await readdir(uploadStore)),
          ...(await database.upload.findMany()),
          ...(await database.uploadSession.findMany()),
        ];
        return pictures.length === 0 && (await readdir(gatewayStore)).every((name) => wanted.has(name));
      },
      { what: 'the end of everything that nobody needs', waitMsMax: 60_000 },
    );
    const rows = await database.checkpoint.findMany({ where: { status: 'accepted' }, select: { sha256: true } });
    const kept = new Set(await readdir(gatewayStore));
    expect(rows.filter(({ sha256 }) => !kept.has(sha256))).toEqual([]);
  } finally {
    await database.$disconnect();
  }
  const stores = [gatewayStore, workerStore];
  const names = (
    await Promise.all(stores.map(async (folder) => (await readdir(folder)).map((name) => ({ folder, name }))))
  ).flat();
  for (const { folder, name } of names) {
    const digest = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
    expect(name.replace('.onnx', '')).toBe(digest);
  }
  report({
    part: 'kills',
    fault: 'what the kills have left behind',
    how: 'files of gateway and worker compared with their digests and with the rows of the database',
    times: names.length,
    outcome:
      'every file whole and spoken of, every accepted checkpoint there; no uploaded picture or session after its time',
  });
});
