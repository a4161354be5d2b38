import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { jobFromWire, jobToWire } from '../services/wire.js';
import { createJob } from '../store/job-store.js';

export function addCreateJob(app: FastifyInstance, { database }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.createJob, async ({ body, reply }) => {
    const job = await createJob(database, jobFromWire(body));
    reply.header('location', `/api/v1/training/jobs/${job.id}`);
    return jobToWire(job);
  });
}
