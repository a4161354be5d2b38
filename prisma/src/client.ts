import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export interface ClientOptions {
  connectionsMax: number;
  /** How long a query waits for a free connection, or for one to be made. */
  connectMsMax?: number;
  /** An idle connection was lost (the server restarted); the pool replaces it. */
  onConnectionLost?: (error: Error) => void;
}

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
  return new PrismaClient({ adapter });
}
