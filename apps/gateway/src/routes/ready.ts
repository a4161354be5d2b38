import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';

export function addReady(app: FastifyInstance, { readiness }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.ready, async ({ reply }) => {
    const answer = await readiness.check();
    reply.code(answer.ready ? 200 : 503);
    return answer;
  });
}
