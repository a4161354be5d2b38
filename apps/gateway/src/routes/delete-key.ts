import { fail, gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { revokeApiKey } from '../store/api-key-store.js';

/** `DELETE …/keys/{id}`: the row stays, so that lists and logs can tell whose key it was. */
export function addDeleteKey(app: FastifyInstance, { database, keys }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.deleteKey, async ({ params: { id } }) => {
    const isKnown = await revokeApiKey(database, id, new Date());
    keys.forget(id);
    if (!isKnown) throw fail('KEY_NOT_FOUND', { key_id: id });
    return undefined;
  });
}
