import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
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
  /** From now on they can be read under their digest. A row that needs them may be made, and `keep` is to follow. */
  stage(): Promise<void>;
  /** Gives them their place, from where `release` may take them when no row needs them. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Whether any row needs the bytes with this digest. */
export type IsNeeded = (sha256: string) => Promise<boolean>;

/**
 * Where checkpoints' bytes are kept, under their digest. Several gateways may share it. That a row is never without its
 * bytes, they owe to an order instead of a lock: whoever makes a row stages bytes of his own before it and keeps them
 * after it; whoever deletes takes the bytes from their place first and asks for rows then. So a row that the deleter did
 * not see brings its bytes after he has taken his. Staged bytes, and those that are taken aside, are found by `read`.
 */
export interface CheckpointStore {
  /** @throws FILE_TOO_LARGE, and what the stream fails with; nothing is left then */
  receive(source: Readable, limits: { bytesMax: number }): Promise<CheckpointDraft>;
  /** @returns undefined when there are no such bytes */
  read(sha256: string): Promise<{ bytes: number; stream: Readable } | undefined>;
  /** Deletes the bytes unless they are needed. @returns whether they are gone; @throws what `isNeeded` does, they stay then */
  release(sha256: string, isNeeded: IsNeeded): Promise<boolean>;
  /** Tidies what processes that are gone have left: drafts, and bytes that were staged or taken aside. */
  sweep(nowMs: number, isNeeded: IsNeeded): Promise<void>;
  /** Digests of the bytes that are older than any upload which may still be about to make their row. */
  settled(nowMs: number): Promise<string[]>;
}

const draftSuffix = '.part';
const asideSuffix = '.aside';
/** Others may give the bytes another name while we look. */
const readTriesMax = 3;

/**
 * Checkpoints in a folder. A file has its final name only when all its bytes are on the disk, so a reader never meets
 * half a file, whatever ended the writer.
 */
export async function openFolderStore(
  folder: string,
  { uploadMsMax }: { uploadMsMax: number },
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
  /** A name of one's own for the bytes out of their place. */
  const asideOf = (sha256: string) => `${pathOf(sha256)}.${randomUUID()}${asideSuffix}`;
  const openWherever = async (sha256: string) => {
    for (let tries = 0; tries < readTriesMax; tries++) {
      const placed = await openIfThere(pathOf(sha256));
      if (placed) return placed;
      for (const name of await readdir(folder)) {
        const aside = digestOfAside(name) === sha256 && (await openIfThere(join(folder, name)));
        if (aside) return aside;
      }
    }
    return undefined;
  };

  const draftOf = ({ hash, bytes }: Written, draftPath: string): CheckpointDraft => {
    const sha256 = hash.copy().digest('hex');
    let path = draftPath;
    return {
      sha256,
      bytes,
      path: draftPath,
      append: async (tail) => draftOf(await appendDurably({ hash, bytes }, path, tail), path),
      stage: async () => {
        const staged = asideOf(sha256);
        await rename(path, staged);
        path = staged;
        await syncFolder(folder);
      },
      keep: async () => {
        await rename(path, pathOf(sha256));
        await syncFolder(folder);
      },
      discard: () => rm(path, { force: true }),
    };
  };

  return {
    async receive(source, { bytesMax }) {
      const draftPath = join(folder, `${randomUUID()}${draftSuffix}`);
      try {
        return draftOf(await writeDurably(source, draftPath, bytesMax), draftPath);
      } catch (error) {
        await rm(draftPath, { force: true });
        throw error;
      }
    },
    async read(sha256) {
      const handle = await openWherever(sha256);
      if (!handle) return undefined;
      const { size } = await handle.stat().catch(async (error: unknown) => {
        await handle.close();
        throw error;
      });
      return { bytes: size, stream: createReadStream('', { fd: handle, highWaterMark: 1 << 20 }) };
    },
    async release(sha256, isNeeded) {
      if (await isNeeded(sha256)) return false;
      const aside = asideOf(sha256);
      if (!(await renamed(pathOf(sha256), aside))) return true;
      let mustStay = true;
      try {
        mustStay = await isNeeded(sha256);
      } finally {
        // Another gateway's sweep may have done the same already.
        if (mustStay) await renamed(aside, pathOf(sha256));
        else await rm(aside, { force: true });
      }
      return !mustStay;
    },
    async sweep(at, isNeeded) {
      for (const name of await olderThanUploads(at)) {
        const path = join(folder, name);
        const aside = digestOfAside(name);
        if (name.endsWith(draftSuffix)) await rm(path, { force: true });
        else if (aside && (await isNeeded(aside))) await renamed(path, pathOf(aside));
        else if (aside) await rm(path, { force: true });
      }
    },
    settled: async (at) => (await olderThanUploads(at)).filter((name) => isDigest(name)),
  };
}

/** @returns false when there is no such file */
const renamed = (from: string, to: string): Promise<boolean> => rename(from, to).then(() => true, falseWhenAbsent);
const openIfThere = (path: string): Promise<FileHandle | false> => open(path).catch(falseWhenAbsent);
function falseWhenAbsent(error: unknown): false {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return false;
}

/** Which bytes a file holds that are staged or taken aside; undefined for every other name. */
const digestOfAside = (name: string): string | undefined => {
  const [sha256 = ''] = name.split('.');
  return name.endsWith(asideSuffix) && isDigest(sha256) ? sha256 : undefined;
};
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
