import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { checkpointMissing } from '../services/checkpoint-missing.js';
import { checkpointToWire } from '../services/wire.js';
import { patchCheckpoint } from '../store/checkpoint-rows.js';

export function addPatchCheckpoint(app: FastifyInstance, { database, jobs }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.patchCheckpoint, async ({ params: { id: jobId, checkpoint_id: id }, body }) => {
    const row = await patchCheckpoint(database, { jobId, id }, { isBest: body.is_best, epoch: body.epoch });
    jobs.forget(jobId);
    if (!row) throw await checkpointMissing(database, { jobId, id });
    return checkpointToWire(row);
  });
}
