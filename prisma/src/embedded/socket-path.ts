import { join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './embedded-error.js';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, one of them for the closing zero. */
const SOCKET_PATH_BYTES_MAX = 103;

/**
 * Where PostgreSQL's clients look for a socket in `socketDir`.
 * @throws EmbeddedPostgresError `SOCKET_PATH_TOO_LONG`: the system would refuse to bind it
 */
export function socketPathIn(socketDir: string): string {
  const path = join(resolve(socketDir), '.s.PGSQL.5432');
  const bytes = Buffer.byteLength(path);
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    throw new EmbeddedPostgresError(
      'SOCKET_PATH_TOO_LONG',
      `The socket's path would have ${bytes} bytes, and the system allows ${SOCKET_PATH_BYTES_MAX}: choose a shorter folder than ${socketDir}.`,
    );
  }
  return path;
}

/** The URL under which `pg` and Prisma reach a server that listens in `socketDir`. */
export function socketDatabaseUrl(socketDir: string): string {
  // Port and sslmode are spelled out, because PGPORT and PGSSLMODE of the environment would change their defaults.
  const query = new URLSearchParams({ host: resolve(socketDir), sslmode: 'disable' });
  return `postgresql://postgres@localhost:5432/postgres?${query}`;
}
