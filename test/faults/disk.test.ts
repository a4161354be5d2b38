import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@lensgate/contracts';
import {
  type Answer,
  aJob,
  call,
  closeConnections,
  detectModel,
  formOf,
  referencePictures,
  withMetadata,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { report } from './report.js';
import { startWorld, type World } from './world.js';

const MiB = 2 ** 20;
const diskBytes = 64 * MiB;
const image = referencePictures()[0]!.bytes;
const model = withMetadata(detectModel(), { padding: 'x'.repeat(2 * MiB) });
const disks: string[] = [];

/** A small file system in memory; only root may mount one, and not in every container. */
function mountDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', folder], { stdio: 'ignore' });
    disks.push(folder);
    return true;
  } catch {
    return false;
  }
}

const folder = await mkdtemp(join(tmpdir(), 'lensgate-disk-'));
const places = { gateway: join(folder, 'gateway'), worker: join(folder, 'worker') };
for (const place of Object.values(places)) await mkdir(place);
const isMounted = mountDisk(places.gateway) && mountDisk(places.worker);
if (!isMounted) process.stderr.write('a full disk is not tested: this user may not mount a file system\n');

afterAll(async () => {
  for (const disk of disks) execFileSync('umount', [disk]);
  await rm(folder, { recursive: true, force: true });
  await closeConnections();
});

describe.skipIf(!isMounted)('a disk that is full', () => {
  let world: World;
  let jobId: number;
  beforeAll(async () => {
    world = await startWorld({
      gatewayEnv: { DATA_DIR: places.gateway },
      workerEnv: { DATA_DIR: places.worker },
    });
    jobId = (await world.gateway.createJob(aJob())).body.id;
    expect((await world.gateway.upload(jobId, detectModel())).status).toBe(201);
  });
  afterAll(() => world?.close());

  const fill = (place: string) => {
    const file = join(place, 'filler');
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=64k'], { stdio: 'ignore' });
    } catch {
      // It ends with an error when the disk is full.
    }
    return file;
  };
  const filesOf = async (place: string) => (await readdir(place, { recursive: true })).sort();
  const uploadImage = (): Promise<Answer<Problem>> => {
    const { body, contentType } = formOf([{ name: 'file', value: Buffer.alloc(MiB, image), filename: 'a.png' }]);
    const url = world.gateway.quickUrl.replace('quick', 'upload-image');
    return call<Problem>(url, { method: 'POST', body, headers: { 'content-type': contentType } });
  };
  const serves = async () => expect((await world.gateway.quick(20, { image })).status).toBe(200);

  test('at the gateway: uploads are answered 507 and leave nothing, inference goes on', async () => {
    const filler = fill(places.gateway);
    const before = await filesOf(places.gateway);
    for (const send of [uploadImage, () => world.gateway.upload<Problem>(jobId, model)]) {
      const { status, body } = await send();
      expect([status, body.code, body.retryable]).toEqual([507, 'DISK_FULL', true]);
      expect(await filesOf(places.gateway)).toEqual(before);
      await serves();
    }
    await rm(filler);
    expect((await uploadImage()).status).toBe(200);
    expect((await world.gateway.upload(jobId, model)).status).toBe(201);
    report({
      part: 'surroundings',
      fault: 'the gateway’s disk is full',
      how: 'a file system of 64 MiB; a picture and a checkpoint are uploaded',
      times: 2,
      outcome: '507 DISK_FULL, no file left; job 20 answers 200 throughout; uploads work when there is room again',
    });
  });

  test('at a worker: what needs the checkpoint is answered 507, everything else goes on', async () => {
    const filler = fill(places.worker);
    const before = await filesOf(places.worker);
    const put = await world.worker.put<Problem>(withMetadata(model, { name: 'another' }));
    expect([put.status, put.body.code]).toEqual([507, 'DISK_FULL']);
    expect(await filesOf(places.worker)).toEqual(before);
    // Kept by the gateway; its worker could not look into it yet.
    const uploaded = await world.gateway.upload(jobId, withMetadata(model, { name: 'a third' }));
    expect(uploaded.status, JSON.stringify(uploaded.body)).toBe(202);
    expect([uploaded.status, uploaded.body.checkpoints[0]?.status]).toEqual([202, 'pending']);
    await serves();
    await rm(filler);
    const path = uploaded.body.checkpoints[0]!.path;
    const { status } = await world.gateway.quick(jobId, { image, fields: { checkpoint_path: path } });
    expect(status).toBe(200);
    report({
      part: 'surroundings',
      fault: 'a worker’s disk is full',
      how: 'a file system of 64 MiB; a checkpoint is put, another one uploaded to the gateway',
      times: 2,
      outcome:
        '507 DISK_FULL, and 202 pending at the gateway; job 20 answers 200; the pending one runs when there is room',
    });
  });
});
