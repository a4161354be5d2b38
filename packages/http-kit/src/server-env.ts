import { envInteger } from './config.js';
import { GiB, type ServerLimits } from './limits.js';

/** Variables of the limits that are the same for every server of ours. */
export const serverEnv = {
  CONNECTIONS_MAX: envInteger(1, 1_000_000).default(2_000).meta({ description: 'Connections at one time.' }),
  HEADERS_TIMEOUT_MS: envInteger(1)
    .default(20_000)
    .meta({ description: 'The headers of a request must have arrived.' }),
  JSON_TIMEOUT_MS: envInteger(1).default(30_000).meta({ description: 'A JSON body must have arrived.' }),
  ANSWER_STALL_MS: envInteger(1).default(30_000).meta({
    description: 'A client that takes nothing of its answer for this long is cut off.',
  }),
  ANSWER_TIMEOUT_MS: envInteger(1).default(600_000).meta({ description: 'An answer must have been taken completely.' }),
  UNREAD_BYTES_MAX: envInteger(1)
    .default(1 * GiB)
    .meta({ description: 'Answers that clients have not taken yet, all together.' }),
  COLLECT_REST_MS: envInteger(1, 86_400_000).default(60_000).meta({
    description: 'A service that has had nothing to do for this long gives the memory of its last requests back.',
  }),
};

/** The limits that these variables set. */
export const serverLimitsOf = (env: Readonly<Record<keyof typeof serverEnv, number>>) =>
  ({
    connectionsMax: env.CONNECTIONS_MAX,
    headersTimeoutMs: env.HEADERS_TIMEOUT_MS,
    jsonTimeoutMs: env.JSON_TIMEOUT_MS,
    answerStallMs: env.ANSWER_STALL_MS,
    answerTimeoutMs: env.ANSWER_TIMEOUT_MS,
    unreadBytesMax: env.UNREAD_BYTES_MAX,
  }) satisfies Partial<ServerLimits>;
