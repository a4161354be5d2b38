import { gatewayRoutes, type ServingChange } from '@lensgate/contracts';
import { ClientGone, languageFor, type RouteInput, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { type ServingCall, unloadCheckpoint, warmCheckpoint } from '../services/change-serving.js';
import { viewerOf } from '../services/principal.js';

type Change = (parts: GatewayParts, call: ServingCall) => Promise<ServingChange>;
type Input = Pick<
  RouteInput<typeof gatewayRoutes.warmCheckpoint>,
  'params' | 'query' | 'request' | 'reply' | 'signal' | 'arrivedAtMs'
>;

/** `POST …/warm` and `…/unload`, which differ in what they do only. */
export function addChangeServing(app: FastifyInstance, parts: GatewayParts): void {
  const handle =
    (change: Change) =>
    async ({ params, query, request, reply, signal, arrivedAtMs }: Input): Promise<ServingChange | FastifyReply> => {
      try {
        return await change(parts, {
          key: { jobId: params.id, id: params.checkpoint_id },
          viewer: viewerOf(request),
          timeoutMs: query.timeout_ms,
          arrivedAtMs,
          asker: { requestId: request.id, language: languageFor(request) },
          clientGone: signal,
        });
      } catch (error) {
        if (error instanceof ClientGone) return reply.hijack();
        throw error;
      }
    };
  registerRoute(app, gatewayRoutes.warmCheckpoint, handle(warmCheckpoint));
  registerRoute(app, gatewayRoutes.unloadCheckpoint, handle(unloadCheckpoint));
}
