export type EmbeddedPostgresErrorCode =
  | 'DATA_DIR_IN_USE'
  | 'SOCKET_DIR_IN_USE'
  | 'SOCKET_PATH_TOO_LONG'
  | 'CONFIG_INVALID'
  | 'START_FAILED'
  | 'START_TIMEOUT';

/** The embedded database could not be started; the message is for the person who started it. */
export class EmbeddedPostgresError extends Error {
  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'EmbeddedPostgresError';
  }
}
