import { gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { checkpointMissing } from '../services/checkpoint-missing.js';
import { viewerOf } from '../services/principal.js';
import { releaseBytes } from '../services/release-bytes.js';
import { deleteCheckpoint } from '../store/checkpoint-rows.js';

export function addDeleteCheckpoint(app: FastifyInstance, parts: GatewayParts): void {
  registerRoute(app, gatewayRoutes.deleteCheckpoint, async ({ params: { id: jobId, checkpoint_id: id }, request }) => {
    const viewer = viewerOf(request);
    const row = await deleteCheckpoint(parts.database, { jobId, id }, viewer);
    parts.jobs.forget(jobId);
    if (!row) throw await checkpointMissing(parts.database, { jobId, id }, viewer);
    if (row.pinned) await parts.pins.tell(row.sha256);
    await releaseBytes(parts, row.sha256);
    return undefined;
  });
}
