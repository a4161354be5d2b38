import type { Prisma, PrismaClient, Upload } from '@lensgate/prisma';
import { StoreError } from './store-error.js';
import type { Viewer } from './viewer.js';

export interface UploadRow {
  readonly handle: string;
  readonly sessionId: string;
  /** null: nobody's, uploaded without a key or with the admin key. */
  readonly ownerId: string | null;
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
  const { ownerId, expiresAt, ...columns } = upload;
  const sessionId = sessionKey(upload);
  await client.$transaction(async (tx) => {
    // Holds the session's row until the end: uploads are counted, and the session ended, one after the other.
    await tx.uploadSession.upsert({
      where: { id: sessionId },
      create: { id: sessionId, ownerId, expiresAt },
      update: { expiresAt },
    });
    if ((await tx.upload.count({ where: { sessionId } })) >= perSessionMax)
      throw new StoreError('SESSION_FULL', `The session ${upload.sessionId} has ${perSessionMax} pictures.`);
    await tx.upload.create({ data: { ...columns, sessionId, expiresAt } });
  });
}

/** null for a picture of another owner, and of nobody: a picture is for who has uploaded it. */
export async function findUpload(client: PrismaClient, handle: string, viewer: Viewer): Promise<UploadRow | null> {
  const row = await client.upload.findUnique({
    where: { handle, ...(viewer.sees === 'own' && { session: { ownerId: viewer.ownerId } }) },
    include: { session: { select: { ownerId: true } } },
  });
  return row && toRow(row);
}

/** @returns the handles it had, or null when the owner has no such session */
export async function deleteSession(
  client: PrismaClient,
  session: { sessionId: string; ownerId: string | null },
): Promise<string[] | null> {
  const sessionId = sessionKey(session);
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

/**
 * Callers choose the ids of their sessions, so each owner's are kept apart: two may have chosen the same, and neither may
 * learn of the other. No id that a caller may choose has a slash.
 */
const sessionKey = ({ sessionId, ownerId }: { sessionId: string; ownerId: string | null }): string =>
  ownerId === null ? sessionId : `${ownerId}/${sessionId}`;

type UploadOfSession = Upload & { readonly session: { readonly ownerId: string | null } };

const toRow = ({ handle, sessionId, session, filename, bytes, expiresAt }: UploadOfSession): UploadRow => ({
  handle,
  sessionId: sessionId.slice(sessionId.indexOf('/') + 1),
  ownerId: session.ownerId,
  filename,
  bytes: Number(bytes),
  expiresAt,
});
