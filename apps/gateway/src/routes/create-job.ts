import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { jobFromWire, jobToWire } from '../services/wire.js';
import { createJob } from '../store/job-store.js';

export function addCreateJob(app: FastifyInstance, { database }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.createJob, async ({ body, request, reply }) => {
    const job = await createJob(database, jobFromWire(body), viewerOf(request));
    request.audited = { job_id: job.id };
    reply.header('location', `/api/v1/training/jobs/${job.id}`);
    return jobToWire(job);
  });
}
