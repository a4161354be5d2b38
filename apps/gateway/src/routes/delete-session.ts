import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';

/** `DELETE …/inference/session/{session_id}`: removes the pictures of a session before their time. */
export function addDeleteSession(app: FastifyInstance, { pictures }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.deleteSession, async ({ params: { session_id: sessionId }, request }) => ({
    status: await pictures.endSession(sessionId, viewerOf(request)),
    session_id: sessionId,
  }));
}
