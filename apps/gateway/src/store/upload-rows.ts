import type { Prisma, PrismaClient, Upload } from '@lensgate/prisma';
import { StoreError } from './store-error.js';

export interface UploadRow {
  readonly handle: string;
  readonly sessionId: string;
  readonly filename: string;
  readonly bytes: number;
  readonly expiresAt: Date;
}

/**
 * Adds an uploaded picture to its session, which is made where there is none and lives as long as its last picture.
 * @throws StoreError `SESSION_FULL`
 */
export async function createUpload(
  client: PrismaClient,
  upload: UploadRow,
  { perSessionMax }: { perSessionMax: number },
): Promise<void> {
  const { sessionId, expiresAt } = upload;
  await client.$transaction(async (tx) => {
    // Holds the session's row until the end: uploads are counted, and the session ended, one after the other.
    await tx.uploadSession.upsert({
      where: { id: sessionId },
      create: { id: sessionId, expiresAt },
      update: { expiresAt },
    });
    if ((await tx.upload.count({ where: { sessionId } })) >= perSessionMax)
      throw new StoreError('SESSION_FULL', `The session ${sessionId} has ${perSessionMax} pictures.`);
    await tx.upload.create({ data: upload });
  });
}

export async function findUpload(client: PrismaClient, handle: string): Promise<UploadRow | null> {
  const row = await client.upload.findUnique({ where: { handle } });
  return row && toRow(row);
}

/** @returns the handles it had, or null when there is no such session */
export async function deleteSession(client: PrismaClient, sessionId: string): Promise<string[] | null> {
  return client.$transaction(async (tx) => {
    const held = await tx.$queryRaw<unknown[]>`SELECT id FROM upload_sessions WHERE id = ${sessionId} FOR UPDATE`;
    if (held.length === 0) return null;
    const handles = await handlesOf(tx, sessionId);
    await tx.uploadSession.delete({ where: { id: sessionId } });
    return handles;
  });
}

/** Deletes rows whose time is over; whichever gateway has the files removes them by their own age. */
export async function deleteExpiredUploads(client: PrismaClient, now: Date): Promise<void> {
  await client.upload.deleteMany({ where: { expiresAt: { lte: now } } });
  await client.uploadSession.deleteMany({ where: { expiresAt: { lte: now } } });
}

/** Which of these handles have no row. */
export async function handlesWithoutRow(client: PrismaClient, handles: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (let start = 0; start < handles.length; start += queryHandlesMax) {
    const some = handles.slice(start, start + queryHandlesMax);
    const rows = await client.upload.findMany({ where: { handle: { in: some } }, select: { handle: true } });
    const known = new Set(rows.map(({ handle }) => handle));
    missing.push(...some.filter((handle) => !known.has(handle)));
  }
  return missing;
}

/** PostgreSQL takes 32767 parameters in one query. */
const queryHandlesMax = 5_000;

const handlesOf = async (tx: Prisma.TransactionClient, sessionId: string): Promise<string[]> =>
  (await tx.upload.findMany({ where: { sessionId }, select: { handle: true } })).map(({ handle }) => handle);

const toRow = ({ handle, sessionId, filename, bytes, expiresAt }: Upload): UploadRow => ({
  handle,
  sessionId,
  filename,
  bytes: Number(bytes),
  expiresAt,
});
