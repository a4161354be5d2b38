import type { GatewayParts } from '../gateway-parts.js';
import { areBytesNeeded, digestsWithoutRow } from '../store/checkpoint-bytes.js';
import { releaseBytes } from './release-bytes.js';

/**
 * Removes what a gateway that was killed in the middle of an upload has left: half a file, or a whole one whose row was
 * never made. Everything younger than an upload may take is left alone: another gateway may be working on it.
 */
export async function sweepCheckpoints(parts: GatewayParts, nowMs: number): Promise<void> {
  const { bytes, database, logger } = parts;
  await bytes.sweep(nowMs, (sha256) => areBytesNeeded(database, sha256));
  for (const sha256 of await digestsWithoutRow(database, await bytes.settled(nowMs))) {
    logger.info({ sha256 }, 'bytes that no checkpoint speaks of are removed');
    await releaseBytes(parts, sha256);
  }
}
