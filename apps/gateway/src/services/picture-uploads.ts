import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { fail, type UploadedImage } from '@lensgate/contracts';
import type { PrismaClient } from '@lensgate/prisma';
import type { Logger } from 'pino';
import { isHandle, type PictureFiles } from '../store/picture-files.js';
import { StoreError } from '../store/store-error.js';
import {
  createUpload,
  deleteExpiredUploads,
  deleteSession,
  findUpload,
  handlesWithoutRow,
  type UploadRow,
} from '../store/upload-rows.js';
import { ownerIdFor, type Viewer } from '../store/viewer.js';

/** A picture that is on this disk and has no row yet. */
export interface ReceivedPicture {
  readonly handle: string;
  readonly bytes: number;
  readonly filename: string;
}

/**
 * Pictures that were uploaded before they are asked for. Gateways may share the database and not the disk: each answers
 * for the pictures it has, rows end by their time wherever their files are, and files by their own age.
 */
export interface PictureUploads {
  receive(source: Readable, info: { filename: string }): Promise<ReceivedPicture>;
  discard(picture: ReceivedPicture): Promise<void>;
  /** Gives a received picture to a session, a new one when none is named. @throws SESSION_FULL */
  keep(picture: ReceivedPicture, sessionId: string | undefined, viewer: Viewer): Promise<UploadedImage>;
  /** @throws HANDLE_NOT_FOUND, HANDLE_EXPIRED */
  find(handle: string, sessionId: string | undefined, viewer: Viewer): Promise<UploadRow>;
  /** @throws HANDLE_NOT_FOUND when this disk has not got the picture */
  read(handle: string): Promise<Buffer>;
  endSession(sessionId: string, viewer: Viewer): Promise<'cleaned' | 'not_found'>;
  /** Sweeps at once, and then again and again until `stop`. */
  start(): Promise<void>;
  stop(): void;
}

export interface PictureUploadsOptions {
  readonly database: PrismaClient;
  readonly files: PictureFiles;
  readonly logger: Logger;
  readonly ttlMs: number;
  readonly perSessionMax: number;
  /** Wall clock, ms. */
  readonly nowMs: () => number;
}

const sweepEveryMs = 60_000;

export function createPictureUploads(options: PictureUploadsOptions): PictureUploads {
  const { database, files, logger, ttlMs, perSessionMax, nowMs } = options;
  const unknown = (handle: string) => fail('HANDLE_NOT_FOUND', { image_path: handle });
  let timer: NodeJS.Timeout | undefined;

  const sweep = async () => {
    await files.sweep(nowMs());
    await deleteExpiredUploads(database, new Date(nowMs()));
    await files.delete(await handlesWithoutRow(database, await files.settled(nowMs())));
  };

  return {
    receive: async (source, { filename }) => ({ ...(await files.receive(source)), filename }),
    discard: ({ handle }) => files.delete([handle]),
    async keep(picture, sessionId = `session_${randomBytes(16).toString('hex')}`, viewer) {
      const expiresAt = new Date(nowMs() + ttlMs);
      try {
        const ownerId = ownerIdFor(viewer);
        await createUpload(database, { ...picture, sessionId, ownerId, expiresAt }, { perSessionMax });
      } catch (error) {
        await files.delete([picture.handle]);
        if (error instanceof StoreError && error.code === 'SESSION_FULL')
          throw fail('SESSION_FULL', { session_id: sessionId, limit: perSessionMax });
        throw error;
      }
      return { server_path: picture.handle, filename: picture.filename, session_id: sessionId };
    },
    async find(handle, sessionId, viewer) {
      const row = isHandle(handle) ? await findUpload(database, handle, viewer) : null;
      // Somebody with another session must not even learn that there is such a handle.
      if (!row || (sessionId !== undefined && row.sessionId !== sessionId)) throw unknown(handle);
      if (row.expiresAt.getTime() <= nowMs()) throw fail('HANDLE_EXPIRED', { image_path: handle });
      return row;
    },
    async read(handle) {
      const bytes = await files.read(handle);
      if (!bytes) throw unknown(handle);
      return bytes;
    },
    async endSession(sessionId, viewer) {
      const handles = await deleteSession(database, { sessionId, ownerId: ownerIdFor(viewer) });
      await files.delete(handles ?? []);
      return handles ? 'cleaned' : 'not_found';
    },
    async start() {
      await sweep();
      timer = setInterval(
        () => sweep().catch((error: unknown) => logger.warn({ err: error }, 'old uploads could not be removed')),
        Math.max(1_000, Math.min(sweepEveryMs, ttlMs)),
      );
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}
