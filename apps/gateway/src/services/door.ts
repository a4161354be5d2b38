import type { GatewayConfig } from '../config.js';
import type { KeyBook } from './key-book.js';

/**
 * Refuses to open a gateway that anybody in its network could use although nobody has said so.
 * @throws Error in words for the operator
 */
export async function requireClosedDoor(config: GatewayConfig, keys: Pick<KeyBook, 'hasKeys'>): Promise<void> {
  if (config.isLocal || config.auth === 'none' || config.adminKey !== undefined || (await keys.hasKeys())) return;
  throw new Error(
    `HOST=${config.host}: anybody who reaches this address could use the gateway. Set LENSGATE_ADMIN_KEY and make keys with it, or set AUTH=none to say that this is meant.`,
  );
}
