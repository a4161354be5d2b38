import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ModelStore, type ModelStoreOptions } from './model-store.js';

let folder: string;
let nowMs: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lensgate-store-'));
  nowMs = 1_000;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const aStore = (options: Partial<ModelStoreOptions> = {}) =>
  ModelStore.open({
    folder,
    framework: 'ultralytics',
    builtInFolder: undefined,
    bytesMax: 100,
    fileBytesMax: 50,
    now: () => nowMs++,
    isInUse: () => false,
    onEvicted: () => undefined,
    ...options,
  });

const digestOf = (bytes: string) => createHash('sha256').update(bytes).digest('hex');
const put = (store: ModelStore, bytes: string, sha256 = digestOf(bytes)) =>
  store.put(sha256, Readable.from([Buffer.from(bytes)]));
const filesOf = async () => (await readdir(folder)).sort();

describe('model store', () => {
  test('keeps bytes under their digest', async () => {
    const store = await aStore();
    const model = await put(store, 'weights');
    expect(model).toMatchObject({ sha256: digestOf('weights'), bytes: 7 });
    expect(await readFile(model.path, 'utf8')).toBe('weights');
    expect(store.use(model.sha256)).toMatchObject({ path: model.path });
  });

  test('takes up what an earlier run has left, and removes what it has left half written', async () => {
    await put(await aStore(), 'weights');
    await writeFile(join(folder, 'half.part'), 'wei');
    await writeFile(join(folder, 'stranger.txt'), 'x');
    const store = await aStore();
    expect(store.list().map(({ sha256 }) => sha256)).toEqual([digestOf('weights')]);
    expect(await filesOf()).toEqual([`${digestOf('weights')}.onnx`, 'stranger.txt'].sort());
  });

  test('refuses bytes of another digest, and leaves nothing of them', async () => {
    const store = await aStore();
    await expect(put(store, 'weights', digestOf('other'))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect([await filesOf(), store.list()]).toEqual([[], []]);
  });

  test('refuses a file above its limit as it comes, and leaves nothing of it', async () => {
    const store = await aStore();
    await expect(put(store, 'x'.repeat(51))).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect(await filesOf()).toEqual([]);
  });

  test('leaves nothing of an upload that breaks off', async () => {
    const store = await aStore();
    async function* broken() {
      yield Buffer.from('wei');
      throw new Error('gone');
    }
    await expect(store.put(digestOf('weights'), Readable.from(broken()))).rejects.toThrow('gone');
    expect(await filesOf()).toEqual([]);
  });

  test('stays within its bytes: what was used longest ago goes first', async () => {
    const store = await aStore();
    const [a, b] = [await put(store, 'a'.repeat(40)), await put(store, 'b'.repeat(40))];
    store.use(a.sha256);
    const c = await put(store, 'c'.repeat(40));
    expect(store.use(b.sha256)).toBeUndefined();
    expect(await filesOf()).toEqual([a, c].map(({ sha256 }) => `${sha256}.onnx`).sort());
    expect(store.bytes).toBe(80);
  });

  test('keeps what is in use, whatever its age', async () => {
    const used = digestOf('a'.repeat(40));
    const evicted: string[] = [];
    const store = await aStore({
      isInUse: (sha256) => sha256 === used,
      onEvicted: (sha256) => evicted.push(sha256),
    });
    for (const letter of ['a', 'b', 'c']) await put(store, letter.repeat(40));
    expect(evicted).toEqual([digestOf('b'.repeat(40))]);
    expect(store.use(used)).toBeDefined();
    expect(store.use(digestOf('b'.repeat(40)))).toBeUndefined();
  });

  test('counts bytes once that are put twice', async () => {
    const store = await aStore();
    await put(store, 'a'.repeat(40));
    const b = await put(store, 'b'.repeat(40));
    await put(store, 'a'.repeat(40));
    expect(store.bytes).toBe(80);
    expect(store.use(b.sha256)).toBeDefined();
  });

  test('keeps the order of use over a restart', async () => {
    const store = await aStore();
    const [a, b] = [await put(store, 'a'.repeat(40)), await put(store, 'b'.repeat(40))];
    store.use(a.sha256);
    await store.close();
    const again = await aStore();
    await put(again, 'c'.repeat(40));
    expect([again.use(a.sha256)?.sha256, again.use(b.sha256)]).toEqual([a.sha256, undefined]);
  });

  test('deletes a checkpoint once', async () => {
    const store = await aStore();
    const { sha256 } = await put(store, 'weights');
    expect([await store.delete(sha256), await store.delete(sha256), await filesOf()]).toEqual([true, false, []]);
  });
});

test('what is discarded is the file that was meant, not one that has come in its place', async () => {
  const store = await aStore();
  const damaged = await put(store, 'weights');
  const fresh = await put(store, 'weights');
  expect(await store.discard(damaged)).toBe(false);
  expect(store.use(fresh.sha256)).toBe(fresh);
  expect(await store.discard(fresh)).toBe(true);
  expect([await filesOf(), store.use(fresh.sha256)]).toEqual([[], undefined]);
});
