export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

/** What one server puts up with, whatever the route. */
export interface ServerLimits {
  /** All headers of one request. */
  readonly headerBytesMax: number;
  /** The headers must be complete within this time. */
  readonly headersTimeoutMs: number;
  /** The whole request, its body included, must be complete within this time. */
  readonly requestTimeoutMs: number;
  /** How long an idle keep-alive connection is kept. */
  readonly keepAliveTimeoutMs: number;
  readonly jsonBytesMax: number;
  /** A JSON body must have arrived within this time from the first read. */
  readonly jsonTimeoutMs: number;
  /** After a refusal, at most this much of the rest of the body is read and thrown away. */
  readonly drainBytesMax: number;
  readonly drainBodyTimeoutMs: number;
  /** How long a connection that is to be closed stays half open, so that the client can read its answer. */
  readonly lingerMs: number;
  /** Connections at one time. */
  readonly connectionsMax: number;
  /** A client that takes nothing of its answer for this long is cut off. */
  readonly answerStallMs: number;
  /** An answer must have been taken completely within this time from its first byte. */
  readonly answerTimeoutMs: number;
  /** Bytes of answers that clients have not taken yet, all together. */
  readonly unreadBytesMax: number;
}

export const defaultServerLimits: ServerLimits = {
  headerBytesMax: 16 * KiB,
  headersTimeoutMs: 20_000,
  requestTimeoutMs: 300_000,
  // Longer than what load balancers in front keep theirs (60 s), so that the closing side is never us.
  keepAliveTimeoutMs: 72_000,
  // A job may name 100 000 classes.
  jsonBytesMax: 8 * MiB,
  jsonTimeoutMs: 30_000,
  // Clients that send everything before they read must still see why: twice the usual upload limit is swallowed.
  drainBytesMax: 64 * MiB,
  drainBodyTimeoutMs: 10_000,
  lingerMs: 2_000,
  connectionsMax: 2_000,
  answerStallMs: 30_000,
  answerTimeoutMs: 600_000,
  unreadBytesMax: 1 * GiB,
};
