import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { keyToWire } from '../services/key-wire.js';
import { listApiKeys } from '../store/api-key-store.js';

export function addListKeys(app: FastifyInstance, { database }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.listKeys, async ({ query }) => {
    const { keys, nextCursor } = await listApiKeys(database, query);
    return { keys: keys.map(keyToWire), next_cursor: nextCursor };
  });
}
