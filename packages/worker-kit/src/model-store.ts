import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Framework, fail } from '@lensgate/contracts';
import { builtInFiles } from './built-in-models.js';
import type { StoredModel } from './child-pool.js';

/** A model that comes with the worker, under the name that jobs call `model_name`. */
export interface BuiltInModel extends StoredModel {
  readonly name: string;
}

interface Entry extends StoredModel {
  lastUsedAtMs: number;
}

export interface ModelStoreOptions {
  readonly folder: string;
  readonly framework: Framework;
  /** Folder of the built-in models; undefined for none. */
  readonly builtInFolder: string | undefined;
  readonly bytesMax: number;
  readonly fileBytesMax: number;
  readonly now: () => number;
  /** Checkpoints that must stay: they have a child, or work waits for them. */
  readonly isInUse: (sha256: string) => boolean;
  /** Called for each checkpoint that had to make room. */
  readonly onEvicted: (sha256: string) => void;
}

const temporary = '.part';

/** Checkpoints on disk by their SHA-256, bounded in bytes: the least recently used goes first. */
export class ModelStore {
  readonly #entries = new Map<string, Entry>();
  readonly #builtIn = new Map<string, BuiltInModel>();

  private constructor(private readonly options: ModelStoreOptions) {}

  /** Opens the folder: takes up what an earlier run has left, and removes what it has left half written. */
  static async open(options: ModelStoreOptions): Promise<ModelStore> {
    const store = new ModelStore(options);
    await mkdir(options.folder, { recursive: true });
    for (const name of await readdir(options.folder)) {
      const path = join(options.folder, name);
      if (name.endsWith(temporary)) await rm(path, { force: true });
      else if (/^[0-9a-f]{64}\.onnx$/.test(name)) {
        const { size, mtimeMs } = await stat(path);
        store.#entries.set(name.slice(0, 64), { sha256: name.slice(0, 64), path, bytes: size, lastUsedAtMs: mtimeMs });
      }
    }
    await store.#readBuiltIn();
    return store;
  }

  get bytes(): number {
    return [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get builtIn(): BuiltInModel[] {
    return [...this.#builtIn.values()];
  }

  /** Every checkpoint, built-in ones first. */
  list(): StoredModel[] {
    const builtIn = new Set(this.builtIn.map(({ sha256 }) => sha256));
    return [...this.builtIn, ...[...this.#entries.values()].filter(({ sha256 }) => !builtIn.has(sha256))];
  }

  builtInNamed(name: string): BuiltInModel | undefined {
    return this.#builtIn.get(name);
  }

  /** Finds a checkpoint and marks it as used. */
  use(sha256: string): StoredModel | undefined {
    const entry = this.#entries.get(sha256);
    if (!entry) return this.builtIn.find((model) => model.sha256 === sha256);
    entry.lastUsedAtMs = this.options.now();
    return entry;
  }

  /**
   * Writes a checkpoint whose digest the sender has named.
   * @throws Failure FILE_TOO_LARGE, DIGEST_MISMATCH; nothing is left of the bytes then
   */
  async put(sha256: string, bytes: Readable): Promise<StoredModel> {
    const path = join(this.options.folder, `${sha256}.onnx`);
    const partPath = join(this.options.folder, `${randomUUID()}${temporary}`);
    try {
      const written = await this.#write(partPath, bytes);
      if (written.digest !== sha256) throw fail('DIGEST_MISMATCH', { actual: written.digest, expected: sha256 });
      await this.#makeRoom(written.bytes);
      await rename(partPath, path);
      const entry: Entry = { sha256, path, bytes: written.bytes, lastUsedAtMs: this.options.now() };
      this.#entries.set(sha256, entry);
      return entry;
    } finally {
      await rm(partPath, { force: true });
    }
  }

  /** Removes a checkpoint from the disk. @returns false when it is not there; built-in ones stay */
  async delete(sha256: string): Promise<boolean> {
    const entry = this.#entries.get(sha256);
    if (!entry) return false;
    this.#entries.delete(sha256);
    await rm(entry.path, { force: true });
    return true;
  }

  /** Removes the very file that `use` or `put` gave, not one that has been put in its place. @returns whether it did */
  async discard(model: StoredModel): Promise<boolean> {
    return this.#entries.get(model.sha256) === model && this.delete(model.sha256);
  }

  /** Keeps the order of use for the next start. */
  async close(): Promise<void> {
    for (const { path, lastUsedAtMs } of this.#entries.values()) {
      await utimes(path, lastUsedAtMs / 1000, lastUsedAtMs / 1000).catch(() => {});
    }
  }

  async #write(path: string, bytes: Readable): Promise<{ digest: string; bytes: number }> {
    const { fileBytesMax } = this.options;
    const hash = createHash('sha256');
    let count = 0;
    await pipeline(
      bytes,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          count += chunk.length;
          if (count > fileBytesMax) throw fail('FILE_TOO_LARGE', { limit_bytes: fileBytesMax });
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path, { mode: 0o600 }),
    );
    // A rename must not survive a power cut that the bytes do not.
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
    return { digest: hash.digest('hex'), bytes: count };
  }

  async #makeRoom(bytes: number): Promise<void> {
    const oldestFirst = [...this.#entries.values()].sort((a, b) => a.lastUsedAtMs - b.lastUsedAtMs);
    for (const entry of oldestFirst) {
      if (this.bytes + bytes <= this.options.bytesMax) return;
      if (this.options.isInUse(entry.sha256)) continue;
      await this.delete(entry.sha256);
      this.options.onEvicted(entry.sha256);
    }
  }

  async #readBuiltIn(): Promise<void> {
    const folder = this.options.builtInFolder;
    if (folder === undefined) return;
    for (const { name, file } of await builtInFiles(folder, this.options.framework)) {
      const path = join(folder, file);
      const hash = createHash('sha256');
      await pipeline(createReadStream(path), hash);
      this.#builtIn.set(name, { name, sha256: hash.digest('hex'), path, bytes: (await stat(path)).size });
    }
  }
}
