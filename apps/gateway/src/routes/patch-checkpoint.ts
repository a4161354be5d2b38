import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { checkpointMissing } from '../services/checkpoint-missing.js';
import { viewerOf } from '../services/principal.js';
import { checkpointToWire } from '../services/wire.js';
import { patchCheckpoint } from '../store/checkpoint-rows.js';

export function addPatchCheckpoint(app: FastifyInstance, { database, jobs }: GatewayParts): void {
  registerRoute(
    app,
    gatewayRoutes.patchCheckpoint,
    async ({ params: { id: jobId, checkpoint_id: id }, body, request }) => {
      const viewer = viewerOf(request);
      const changes = { isBest: body.is_best, epoch: body.epoch };
      const row = await patchCheckpoint(database, { jobId, id }, changes, viewer);
      jobs.forget(jobId);
      if (!row) throw await checkpointMissing(database, { jobId, id }, viewer);
      return checkpointToWire(row);
    },
  );
}
