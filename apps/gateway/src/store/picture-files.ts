import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fail } from '@lensgate/contracts';
import { chunksOf } from './chunks-of.js';

/** Pictures on this gateway's disk, each under its handle. The rows of the database say whose they are. */
export interface PictureFiles {
  /** What all files take on the disk, bytes. */
  readonly bytes: number;
  /**
   * Takes a picture in under a new handle.
   * @throws FILE_TOO_LARGE, STORE_FULL, and what the stream fails with; nothing is left then
   */
  receive(source: Readable): Promise<{ handle: string; bytes: number }>;
  /** @returns undefined when this disk has no such picture */
  read(handle: string): Promise<Buffer | undefined>;
  delete(handles: readonly string[]): Promise<void>;
  /** Removes what is older than it may become, whether a row knows it or not, and half pictures that nobody writes on. */
  sweep(nowMs: number): Promise<void>;
  /** Handles of the files that are older than any request which may still be about to make their row. */
  settled(nowMs: number): Promise<string[]>;
}

export interface PictureFilesOptions {
  readonly folder: string;
  readonly fileBytesMax: number;
  /** Of all pictures together. */
  readonly bytesMax: number;
  readonly ageMsMax: number;
  /** How long an upload may take. */
  readonly uploadMsMax: number;
  readonly nowMs: number;
}

const draftSuffix = '.part';
/** Files take whole blocks of a disk: many small ones must not pass for nothing. */
const blockBytes = 4_096;
const onDisk = (bytes: number) => Math.ceil(bytes / blockBytes) * blockBytes;

/** 128 random bits: to have a handle is to have been given it. */
const newHandle = () => `upload_${randomBytes(16).toString('hex')}`;
export const isHandle = (text: string): boolean => /^upload_[0-9a-f]{32}$/.test(text);

/** Opens the folder of uploaded pictures. */
export async function openPictureFiles(options: PictureFilesOptions): Promise<PictureFiles> {
  const { folder, fileBytesMax, bytesMax, ageMsMax, uploadMsMax } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sizes = new Map<string, number>();
  let total = 0;
  const setSize = (name: string, bytes: number | undefined) => {
    total -= sizes.get(name) ?? 0;
    sizes.delete(name);
    if (bytes === undefined) return;
    sizes.set(name, bytes);
    total += bytes;
  };
  const remove = async (name: string) => {
    await rm(join(folder, name), { force: true });
    setSize(name, undefined);
  };

  const write = async (source: Readable, name: string): Promise<number> => {
    let bytes = 0;
    const chunks = chunksOf(source);
    const file = await open(join(folder, name), 'wx', 0o600);
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > fileBytesMax) throw fail('FILE_TOO_LARGE', { limit_bytes: fileBytesMax });
        setSize(name, onDisk(bytes));
        if (total > bytesMax) throw fail('STORE_FULL', { limit_bytes: bytesMax });
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    return bytes;
  };

  const files: PictureFiles = {
    get bytes() {
      return total;
    },
    async receive(source) {
      const handle = newHandle();
      const draft = `${handle}${draftSuffix}`;
      try {
        const bytes = await write(source, draft);
        await rename(join(folder, draft), join(folder, handle));
        setSize(draft, undefined);
        setSize(handle, onDisk(bytes));
        return { handle, bytes };
      } catch (error) {
        await remove(draft);
        throw error;
      }
    },
    read: (handle) =>
      readFile(join(folder, checked(handle))).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
    async delete(handles) {
      for (const handle of handles) await remove(checked(handle));
    },
    async sweep(nowMs) {
      const gone = new Set(sizes.keys());
      for (const { name, bytes, changedAtMs } of await listFiles(folder)) {
        gone.delete(name);
        const ageMs = nowMs - changedAtMs;
        if (ageMs > (name.endsWith(draftSuffix) ? uploadMsMax : ageMsMax)) await remove(name);
        // Another process on this disk may have made it.
        else if (!sizes.has(name)) setSize(name, onDisk(bytes));
      }
      for (const name of gone) setSize(name, undefined);
    },
    async settled(nowMs) {
      const found = await listFiles(folder);
      return found
        .filter(({ name, changedAtMs }) => isHandle(name) && nowMs - changedAtMs > uploadMsMax)
        .map(({ name }) => name);
    },
  };
  await files.sweep(options.nowMs);
  return files;
}

const checked = (handle: string): string => {
  if (!isHandle(handle)) throw new TypeError('not a handle');
  return handle;
};

async function listFiles(folder: string): Promise<{ name: string; bytes: number; changedAtMs: number }[]> {
  const found = [];
  for (const name of await readdir(folder)) {
    const status = await stat(join(folder, name)).catch(() => undefined);
    if (status) found.push({ name, bytes: status.size, changedAtMs: status.mtimeMs });
  }
  return found;
}
