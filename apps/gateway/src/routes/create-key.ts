import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { newApiKey } from '../services/api-key.js';
import { keyToWire } from '../services/key-wire.js';
import { createApiKey } from '../store/api-key-store.js';

/** `POST …/keys`: the only answer that ever holds the key's text. */
export function addCreateKey(app: FastifyInstance, { database, keys }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.createKey, async ({ body, request, reply }) => {
    const { text, id, sha256 } = newApiKey();
    const row = await createApiKey(database, {
      id,
      sha256,
      name: body.name,
      ownerName: body.owner,
      scopes: body.scopes,
      quotaPerMinute: body.quota_per_minute,
      expiresAt: body.expires_at === null ? null : new Date(body.expires_at),
    });
    keys.forget(id);
    request.audited = { key_id: id, owner: body.owner };
    reply.header('location', `/api/v1/keys/${id}`);
    return { ...keyToWire(row), key: text };
  });
}
