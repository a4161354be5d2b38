import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { jobFromWire, jobToWire } from '../services/wire.js';
import { putJob } from '../store/job-store.js';

export function addPutJob(app: FastifyInstance, { database, jobs }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.putJob, async ({ params: { id }, body, request, reply }) => {
    const { job, created } = await putJob(database, id, jobFromWire(body), viewerOf(request));
    jobs.forget(id);
    reply.code(created ? 201 : 200);
    return jobToWire(job);
  });
}
