import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fail } from '@lensgate/contracts';
import { chunksOf } from './chunks-of.js';

/** Bytes that have arrived and are not yet kept: end it with either. */
export interface CheckpointDraft {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Where the bytes are until then. */
  readonly path: string;
  /** The same draft with more bytes at its end; the one it was called on must not be used any more. */
  append(tail: Uint8Array): Promise<CheckpointDraft>;
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Where checkpoints' bytes are kept, under their digest. */
export interface CheckpointStore {
  /** @throws FILE_TOO_LARGE, and what the stream fails with; nothing is left then */
  receive(source: Readable, limits: { bytesMax: number }): Promise<CheckpointDraft>;
  has(sha256: string): Promise<boolean>;
  /** @returns undefined when there are no such bytes */
  read(sha256: string): Promise<{ bytes: number; stream: Readable } | undefined>;
  delete(sha256: string): Promise<void>;
  /** Removes drafts of processes that are gone. */
  sweep(nowMs: number): Promise<void>;
  /** Digests of the bytes that are older than any upload which may still be about to make their row. */
  settled(nowMs: number): Promise<string[]>;
}

const draftSuffix = '.part';

/**
 * Checkpoints in a folder. A file has its final name only when all its bytes are on the disk, so a reader never meets
 * half a file, whatever ended the writer.
 */
export async function openFolderStore(
  folder: string,
  { nowMs, uploadMsMax }: { nowMs: number; uploadMsMax: number },
): Promise<CheckpointStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const olderThanUploads = async (at: number) => {
    const ages = await Promise.all(
      (await readdir(folder)).map(async (name) => ({ name, ageMs: await ageOf(name, at) })),
    );
    return ages.filter(({ ageMs }) => ageMs > uploadMsMax).map(({ name }) => name);
  };
  const ageOf = (name: string, at: number) =>
    stat(join(folder, name)).then(
      ({ mtimeMs }) => at - mtimeMs,
      () => 0,
    );
  const pathOf = (sha256: string) => {
    if (!isDigest(sha256)) throw new TypeError('not a digest');
    return join(folder, sha256);
  };

  const draftOf = ({ hash, bytes }: Written, path: string): CheckpointDraft => {
    const sha256 = hash.copy().digest('hex');
    return {
      sha256,
      bytes,
      path,
      append: async (tail) => draftOf(await appendDurably({ hash, bytes }, path, tail), path),
      keep: async () => {
        await rename(path, pathOf(sha256));
        await syncFolder(folder);
      },
      discard: () => rm(path, { force: true }),
    };
  };

  const store: CheckpointStore = {
    async receive(source, { bytesMax }) {
      const draftPath = join(folder, `${randomUUID()}${draftSuffix}`);
      try {
        return draftOf(await writeDurably(source, draftPath, bytesMax), draftPath);
      } catch (error) {
        await rm(draftPath, { force: true });
        throw error;
      }
    },
    has: async (sha256) =>
      access(pathOf(sha256)).then(
        () => true,
        () => false,
      ),
    async read(sha256) {
      try {
        const handle = await open(pathOf(sha256));
        const { size } = await handle.stat().catch(async (error: unknown) => {
          await handle.close();
          throw error;
        });
        return { bytes: size, stream: createReadStream('', { fd: handle, highWaterMark: 1 << 20 }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    delete: (sha256) => rm(pathOf(sha256), { force: true }),
    async sweep(at) {
      for (const name of await olderThanUploads(at))
        if (name.endsWith(draftSuffix)) await rm(join(folder, name), { force: true });
    },
    settled: async (at) => (await olderThanUploads(at)).filter((name) => isDigest(name)),
  };
  await store.sweep(nowMs);
  return store;
}

const isDigest = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

interface Written {
  /** Of all bytes so far. */
  readonly hash: Hash;
  readonly bytes: number;
}

async function writeDurably(source: Readable, path: string, bytesMax: number): Promise<Written> {
  const hash = createHash('sha256');
  let bytes = 0;
  const chunks = chunksOf(source);
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw fail('FILE_TOO_LARGE', { limit_bytes: bytesMax });
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { hash, bytes };
}

async function appendDurably({ hash, bytes }: Written, path: string, tail: Uint8Array): Promise<Written> {
  const file = await open(path, 'a');
  try {
    await file.writeFile(tail);
    await file.sync();
  } finally {
    await file.close();
  }
  return { hash: hash.copy().update(tail), bytes: bytes + tail.length };
}

/** The new name itself must be on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
