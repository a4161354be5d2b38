import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export interface ClientOptions {
  connectionsMax: number;
  /** How long a query or a transaction waits for a free connection, or for one to be made. */
  connectMsMax?: number;
  /** An idle connection was lost (the server restarted); the pool replaces it. */
  onConnectionLost?: (error: Error) => void;
}

const TRANSACTION_MS_MAX = 20_000;

/**
 * A client over a pool of connections; connects at the first query. The caller ends it with `$disconnect()`.
 * @param databaseUrl as `pg` reads it; a Unix socket is `?host=<folder>`
 */
export function createClient(
  databaseUrl: string,
  { connectionsMax, connectMsMax = 10_000, onConnectionLost }: ClientOptions,
): PrismaClient {
  const adapter = new PrismaPg(
    { connectionString: databaseUrl, max: connectionsMax, connectionTimeoutMillis: connectMsMax },
    { onPoolError: (error) => onConnectionLost?.(error) },
  );
  // On the embedded database transactions wait for each other, so Prisma's own 2 s and 5 s would fail a busy but healthy one.
  return new PrismaClient({ adapter, transactionOptions: { maxWait: connectMsMax, timeout: TRANSACTION_MS_MAX } });
}
