import type { KeyScope } from '@lensgate/contracts';
import type { ApiKey, Owner, PrismaClient } from '@lensgate/prisma';
import { isPrismaError } from './prisma-error.js';
import { StoreError } from './store-error.js';

/** A key without its secret; `sha256` is the hash of its text. */
export interface ApiKeyRow {
  /** The public one, `lg_…`. */
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly sha256: string;
  readonly scopes: readonly KeyScope[];
  readonly quotaPerMinute: number | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewApiKeyRow {
  readonly id: string;
  readonly sha256: string;
  readonly name: string;
  /** Made where there is none of this name. */
  readonly ownerName: string;
  readonly scopes: readonly KeyScope[];
  readonly quotaPerMinute: number | null;
  readonly expiresAt: Date | null;
}

const withOwner = { owner: true } as const;

export async function createApiKey(client: PrismaClient, key: NewApiKeyRow): Promise<ApiKeyRow> {
  const { id: prefix, ownerName, scopes, ...columns } = key;
  const owner = await ownerNamed(client, ownerName);
  const data = { ...columns, prefix, scopes: [...scopes], ownerId: owner.id };
  return toRow(await client.apiKey.create({ data, include: withOwner }));
}

/** Two may make the first key of an owner at once: whoever comes second finds what the first has made. */
async function ownerNamed(client: PrismaClient, name: string): Promise<Owner> {
  try {
    return await client.owner.upsert({ where: { name }, create: { name }, update: {} });
  } catch (error) {
    if (!isPrismaError(error, 'uniqueViolated')) throw error;
    return client.owner.findUniqueOrThrow({ where: { name } });
  }
}

export async function findApiKey(client: PrismaClient, id: string): Promise<ApiKeyRow | null> {
  const row = await client.apiKey.findUnique({ where: { prefix: id }, include: withOwner });
  return row && toRow(row);
}

/** Whether a key was ever made, revoked ones included: revoking the last one must not open the door to all. */
export async function hasApiKeys(client: PrismaClient): Promise<boolean> {
  return (await client.apiKey.findFirst({ select: { id: true } })) !== null;
}

/**
 * The newest first, revoked ones included.
 * @throws StoreError `CURSOR_INVALID`
 */
export async function listApiKeys(
  client: PrismaClient,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ keys: ApiKeyRow[]; nextCursor: string | null }> {
  const rows = await client.apiKey.findMany({
    // Ids of version 7 are ordered by time.
    ...(cursor !== undefined && { where: { id: { lt: checkedCursor(cursor) } } }),
    orderBy: { id: 'desc' },
    take: limit + 1,
    include: withOwner,
  });
  const shown = rows.slice(0, limit);
  return { keys: shown.map(toRow), nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/** @returns false when there is no such key; one that was revoked before keeps its time */
export async function revokeApiKey(client: PrismaClient, id: string, now: Date): Promise<boolean> {
  const { count } = await client.apiKey.updateMany({
    where: { prefix: id, revokedAt: null },
    data: { revokedAt: now },
  });
  return count > 0 || (await client.apiKey.findUnique({ where: { prefix: id }, select: { id: true } })) !== null;
}

/** Notes a use, unless one since `unlessSince` is noted already. */
export async function touchApiKey(client: PrismaClient, id: string, now: Date, unlessSince: Date): Promise<void> {
  await client.apiKey.updateMany({
    where: { prefix: id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: unlessSince } }] },
    data: { lastUsedAt: now },
  });
}

function checkedCursor(cursor: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(cursor)) return cursor;
  throw new StoreError('CURSOR_INVALID', 'The cursor is not one that a list has answered.');
}

function toRow({ prefix, owner, ...row }: ApiKey & { owner: Owner }): ApiKeyRow {
  const { name, ownerId, sha256, quotaPerMinute, createdAt, lastUsedAt, expiresAt, revokedAt } = row;
  return {
    id: prefix,
    ownerName: owner.name,
    scopes: row.scopes as KeyScope[],
    ...{ name, ownerId, sha256, quotaPerMinute, createdAt, lastUsedAt, expiresAt, revokedAt },
  };
}
