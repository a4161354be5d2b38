import type { PrismaClient } from '@lensgate/prisma';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { type ApiKeyRow, findApiKey, hasApiKeys, touchApiKey } from '../store/api-key-store.js';
import { isKey, keyIdOf } from './api-key.js';

/**
 * The keys of the database as this gateway knows them: rows are remembered for a short time, so that a request seldom
 * waits for the database, and a key that another gateway revokes is refused here when that time is over.
 */
export interface KeyBook {
  /** @returns undefined for what is no key, or one that has expired or was revoked */
  find(text: string): Promise<ApiKeyRow | undefined>;
  /** Whether a key was ever made; once true it stays so. */
  hasKeys(): Promise<boolean>;
  /** Called when this gateway has changed a key. */
  forget(id: string): void;
  /** Waits for notes of uses that are under way. */
  close(): Promise<void>;
}

export interface KeyBookOptions {
  readonly database: PrismaClient;
  readonly logger: Logger;
  readonly ageMsMax: number;
  /** Wall clock, ms. */
  readonly nowMs: () => number;
}

const keysMax = 10_000;
const touchEveryMs = 60_000;

export function createKeyBook({ database, logger, ageMsMax, nowMs }: KeyBookOptions): KeyBook {
  // Unknown ids are remembered as well: who guesses must not keep the database busy. 0 would mean "for ever".
  const rows = new LRUCache<string, Promise<ApiKeyRow | null>>({ max: keysMax, ttl: Math.max(1, ageMsMax) });
  const touchedAtMs = new LRUCache<string, number>({ max: keysMax });
  const touching = new Set<Promise<void>>();
  let lookedFor: { readonly atMs: number; readonly has: Promise<boolean> } | undefined;
  let isKnownToHave = false;

  const row = (id: string): Promise<ApiKeyRow | null> => {
    const known = ageMsMax > 0 ? rows.get(id) : undefined;
    if (known) return known;
    const started = findApiKey(database, id);
    rows.set(id, started);
    started.catch(() => rows.get(id) === started && rows.delete(id));
    return started;
  };

  /** Nobody waits for it, and a note that is lost costs nothing. */
  const touch = (id: string): void => {
    const now = nowMs();
    if (now - (touchedAtMs.get(id) ?? 0) < touchEveryMs) return;
    touchedAtMs.set(id, now);
    const noted = touchApiKey(database, id, new Date(now), new Date(now - touchEveryMs)).catch((error: unknown) =>
      logger.debug({ err: error }, 'the use of a key could not be noted'),
    );
    touching.add(noted);
    void noted.finally(() => touching.delete(noted));
  };

  return {
    async find(text) {
      const id = keyIdOf(text);
      const found = id === undefined ? null : await row(id);
      if (!found || !isKey(text, found.sha256) || !isUsable(found, nowMs())) return undefined;
      touch(found.id);
      return found;
    },
    async hasKeys() {
      if (isKnownToHave) return true;
      const now = nowMs();
      // A clock that was set back must not make an old answer new.
      if (!lookedFor || Math.abs(now - lookedFor.atMs) >= ageMsMax)
        lookedFor = { atMs: now, has: hasApiKeys(database) };
      const { has } = lookedFor;
      try {
        isKnownToHave ||= await has;
      } catch (error) {
        if (lookedFor?.has === has) lookedFor = undefined;
        throw error;
      }
      return isKnownToHave;
    },
    forget(id) {
      rows.delete(id);
      lookedFor = undefined;
    },
    close: async () => void (await Promise.all(touching)),
  };
}

const isUsable = ({ revokedAt, expiresAt }: ApiKeyRow, nowMs: number): boolean =>
  revokedAt === null && (expiresAt === null || nowMs < expiresAt.getTime());
