import type { ApiKey } from '@lensgate/contracts';
import type { ApiKeyRow } from '../store/api-key-store.js';

/** A key's row as it is answered: neither its hash nor its owner's id. */
export function keyToWire(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    owner: row.ownerName,
    scopes: [...row.scopes],
    quota_per_minute: row.quotaPerMinute,
    expires_at: row.expiresAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}
