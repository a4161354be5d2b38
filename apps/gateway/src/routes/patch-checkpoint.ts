import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { checkpointMissing } from '../services/checkpoint-missing.js';
import { refusalOf } from '../services/place-inference.js';
import { checkpointToWire } from '../services/wire.js';
import { getCheckpoint, patchCheckpoint } from '../store/checkpoint-rows.js';

export function addPatchCheckpoint(app: FastifyInstance, { database, jobs, pins }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.patchCheckpoint, async ({ params: { id: jobId, checkpoint_id: id }, body }) => {
    const key = { jobId, id };
    if (body.pinned) {
      const known = await getCheckpoint(database, key);
      if (known?.status === 'refused') throw refusalOf(known);
    }
    const row = await patchCheckpoint(database, key, { isBest: body.is_best, epoch: body.epoch, pinned: body.pinned });
    jobs.forget(jobId);
    if (!row) throw await checkpointMissing(database, key);
    if (body.pinned !== undefined) await pins.tell(row.sha256);
    return checkpointToWire(row);
  });
}
