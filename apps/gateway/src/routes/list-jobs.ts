import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { jobToWire } from '../services/wire.js';
import { listJobs } from '../store/job-store.js';

export function addListJobs(app: FastifyInstance, { database }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.listJobs, async ({ query, request }) => {
    const { jobs, nextCursor } = await listJobs(database, query, viewerOf(request));
    return { jobs: jobs.map(jobToWire), next_cursor: nextCursor };
  });
}
