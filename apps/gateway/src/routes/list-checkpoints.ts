import { fail, gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { servingOf } from '../services/serving.js';
import { checkpointToWire } from '../services/wire.js';
import { listCheckpoints } from '../store/checkpoint-rows.js';
import { getJob } from '../store/job-store.js';
import { groupFor } from '../workers/worker-groups.js';

export function addListCheckpoints(app: FastifyInstance, { config, database, workers }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.listCheckpoints, async ({ params: { id }, request }) => {
    const viewer = viewerOf(request);
    const [job, rows] = await Promise.all([getJob(database, id, viewer), listCheckpoints(database, id, viewer)]);
    if (!job) throw fail('JOB_NOT_FOUND', { job_id: id });
    const holdings = rows.length > 0 ? await workers.holdings(groupFor(job.framework, config.services)) : [];
    return {
      checkpoints: rows.map((row) => ({ ...checkpointToWire(row), serving: servingOf(row.sha256, holdings) })),
    };
  });
}
