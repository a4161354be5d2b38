import { fail, gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { changesFromWire, jobToWire } from '../services/wire.js';
import { patchJob } from '../store/job-store.js';

export function addPatchJob(app: FastifyInstance, { database, jobs }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.patchJob, async ({ params: { id }, body, request }) => {
    const job = await patchJob(database, id, changesFromWire(body), viewerOf(request));
    jobs.forget(id);
    if (!job) throw fail('JOB_NOT_FOUND', { job_id: id });
    return jobToWire(job);
  });
}
