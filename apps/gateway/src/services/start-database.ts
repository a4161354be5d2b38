import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@lensgate/prisma';
import type { Logger } from 'pino';
import { isNotReachable } from './database-failure.js';

const retryMs = 500;

/**
 * Migrates the database, waiting for one that is not there yet: services start in any order.
 * @throws MigrationError, and the last connection error when the time is over
 */
export async function startDatabase(
  databaseUrl: string,
  { logger, waitMs, now }: { logger: Logger; waitMs: number; now: () => number },
): Promise<void> {
  const giveUpAtMs = now() + waitMs;
  for (;;) {
    try {
      const { applied } = await migrate(databaseUrl, { logger });
      if (applied.length > 0) logger.info({ migrations: applied }, 'database migrated');
      return;
    } catch (error) {
      if (!isNotReachable(error) || now() >= giveUpAtMs) throw error;
      logger.warn('the database cannot be reached yet');
      await sleep(retryMs);
    }
  }
}
