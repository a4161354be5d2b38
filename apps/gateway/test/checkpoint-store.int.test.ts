import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CheckpointStore, openFolderStore } from '../src/store/checkpoint-store.js';

let folder: string;
let store: CheckpointStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lensgate-'));
  store = await openFolderStore(folder, options());
});
const hourMs = 3_600_000;
const options = () => ({ uploadMsMax: hourMs });
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = randomBytes(3_000_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const lengthRead = async () => (await buffer((await store.read(sha256))!.stream)).length;
const nobody = async () => false;
const everybody = async () => true;
const source = () => Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]);

test('bytes are kept under their digest and read back', async () => {
  const draft = await store.receive(source(), { bytesMax: bytes.length });
  expect(draft).toMatchObject({ sha256, bytes: bytes.length });
  expect(await store.read(sha256)).toBeUndefined();
  await draft.keep();
  const found = await store.read(sha256);
  expect(found?.bytes).toBe(bytes.length);
  expect((await buffer(found!.stream)).equals(bytes)).toBe(true);
  expect(await readdir(folder)).toEqual([sha256]);
});

test('keeping the same bytes twice is harmless, discarding and releasing leave nothing', async () => {
  for (let round = 0; round < 2; round += 1) await (await store.receive(source(), { bytesMax: 1e9 })).keep();
  expect((await readFile(join(folder, sha256))).equals(bytes)).toBe(true);
  await (await store.receive(source(), { bytesMax: 1e9 })).discard();
  for (let round = 0; round < 2; round += 1) expect(await store.release(sha256, nobody)).toBe(true);
  expect(await readdir(folder)).toEqual([]);
  expect(await store.read(sha256)).toBeUndefined();
});

test('a source that is too large or fails leaves no file', async () => {
  await expect(store.receive(source(), { bytesMax: bytes.length - 1 })).rejects.toMatchObject({
    code: 'FILE_TOO_LARGE',
  });
  const failing = Readable.from(
    (function* () {
      yield bytes;
      throw new Error('broke off');
    })(),
  );
  await expect(store.receive(failing, { bytesMax: 1e9 })).rejects.toThrow('broke off');
  const failed = Readable.from([bytes]).destroy(new Error('failed before it was read'));
  await expect(store.receive(failed, { bytesMax: 1e9 })).rejects.toThrow('failed before it was read');
  expect(await readdir(folder)).toEqual([]);
});

test('drafts of a process that is gone are removed, fresh ones are not', async () => {
  for (const name of ['old.part', 'fresh.part']) await writeFile(join(folder, name), 'x');
  const longAgo = new Date(Date.now() - 48 * 3_600_000);
  await utimes(join(folder, 'old.part'), longAgo, longAgo);
  await store.sweep(Date.now(), everybody);
  expect(await readdir(folder)).toEqual(['fresh.part']);
  await store.sweep(Date.now() + 2 * hourMs, everybody);
  expect(await readdir(folder)).toEqual([]);
});

test('staged bytes are read under their digest before they have their place, and can still be discarded', async () => {
  const draft = await store.receive(source(), { bytesMax: 1e9 });
  await draft.stage();
  expect(await lengthRead()).toBe(bytes.length);
  await draft.discard();
  expect(await readdir(folder)).toEqual([]);
});

test('bytes that are needed when they are taken aside are put back, and are read meanwhile', async () => {
  await (await store.receive(source(), { bytesMax: 1e9 })).keep();
  const answers = [false, true];
  const isNeeded = async () => {
    expect(await lengthRead()).toBe(bytes.length);
    return answers.shift()!;
  };
  expect(await store.release(sha256, isNeeded)).toBe(false);
  expect(answers).toEqual([]);
  expect(await readdir(folder)).toEqual([sha256]);
});

test('bytes stay when it cannot be found out whether they are needed', async () => {
  await (await store.receive(source(), { bytesMax: 1e9 })).keep();
  let asked = 0;
  const failing = async () => {
    asked += 1;
    if (asked > 1) throw new Error('no database');
    return false;
  };
  await expect(store.release(sha256, failing)).rejects.toThrow('no database');
  expect(await readdir(folder)).toEqual([sha256]);
});

test('staged bytes outlive a release of the same bytes by another gateway', async () => {
  await (await store.receive(source(), { bytesMax: 1e9 })).keep();
  const draft = await (await openFolderStore(folder, options())).receive(source(), { bytesMax: 1e9 });
  await draft.stage();
  expect(await store.release(sha256, nobody)).toBe(true);
  expect(await lengthRead()).toBe(bytes.length);
  await draft.keep();
  expect(await lengthRead()).toBe(bytes.length);
  expect(await readdir(folder)).toEqual([sha256]);
});

test('what a killed process has staged or taken aside gets its place when it is needed, and goes when it is not', async () => {
  for (const [isNeeded, left] of [
    [everybody, [sha256]],
    [nobody, []],
  ] as const) {
    await (await store.receive(source(), { bytesMax: 1e9 })).stage();
    await store.sweep(Date.now(), nobody);
    expect(await readdir(folder)).toHaveLength(isNeeded === nobody ? 2 : 1);
    await store.sweep(Date.now() + 2 * hourMs, isNeeded);
    if (isNeeded === nobody) await store.release(sha256, nobody);
    expect(await readdir(folder)).toEqual(left);
  }
});

test('bytes are settled when they are older than an upload may take', async () => {
  await (await store.receive(source(), { bytesMax: 1e9 })).keep();
  await writeFile(join(folder, 'stranger.txt'), 'x');
  expect(await store.settled(Date.now())).toEqual([]);
  expect(await store.settled(Date.now() + 2 * hourMs)).toEqual([sha256]);
});

test('only a digest names a file', async () => {
  await expect(async () => store.read('../../etc/passwd')).rejects.toThrow(TypeError);
});
