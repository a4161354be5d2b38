import type { GatewayParts } from '../gateway-parts.js';
import { areBytesNeeded } from '../store/checkpoint-bytes.js';

/** Deletes bytes that no checkpoint needs any more (refused ones need none), here and at the workers. */
export async function releaseBytes(parts: GatewayParts, sha256: string): Promise<void> {
  const { database, bytes, workers } = parts;
  const isNeeded = () => areBytesNeeded(database, sha256);
  if (!(await bytes.release(sha256, isNeeded))) return;
  // One that came meanwhile would only have to be sent again.
  if (!(await isNeeded())) await workers.forget(sha256);
}
