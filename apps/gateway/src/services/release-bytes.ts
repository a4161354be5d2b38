import type { GatewayParts } from '../gateway-parts.js';
import { countRowsNeedingBytes } from '../store/checkpoint-bytes.js';

/** Deletes bytes that no checkpoint needs any more (refused ones need none), here and at the workers. */
export async function releaseBytes(parts: GatewayParts, sha256: string): Promise<void> {
  const { database, digests, bytes, workers } = parts;
  const isFree = await digests.run(sha256, async () => {
    if ((await countRowsNeedingBytes(database, sha256)) > 0) return false;
    await bytes.delete(sha256);
    return true;
  });
  if (isFree) await workers.forget(sha256);
}
