import { fail, gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { jobToWire } from '../services/wire.js';
import { getJob } from '../store/job-store.js';

export function addGetJob(app: FastifyInstance, { database }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.getJob, async ({ params: { id } }) => {
    const job = await getJob(database, id);
    if (!job) throw fail('JOB_NOT_FOUND', { job_id: id });
    return jobToWire(job);
  });
}
