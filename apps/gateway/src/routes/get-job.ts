import { fail, gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { jobToWire } from '../services/wire.js';
import { getJob } from '../store/job-store.js';

export function addGetJob(app: FastifyInstance, { database }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.getJob, async ({ params: { id }, request }) => {
    const job = await getJob(database, id, viewerOf(request));
    if (!job) throw fail('JOB_NOT_FOUND', { job_id: id });
    return jobToWire(job);
  });
}
