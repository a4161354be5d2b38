import { fail, gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { checkpointToWire } from '../services/wire.js';
import { listCheckpoints } from '../store/checkpoint-rows.js';
import { getJob } from '../store/job-store.js';

export function addListCheckpoints(app: FastifyInstance, { database }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.listCheckpoints, async ({ params: { id }, request }) => {
    const viewer = viewerOf(request);
    const rows = await listCheckpoints(database, id, viewer);
    if (rows.length === 0 && !(await getJob(database, id, viewer))) throw fail('JOB_NOT_FOUND', { job_id: id });
    return { checkpoints: rows.map(checkpointToWire) };
  });
}
