import { fail, gatewayRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { releaseBytes } from '../services/release-bytes.js';
import { deleteJob } from '../store/job-store.js';

export function addDeleteJob(app: FastifyInstance, parts: GatewayParts): void {
  registerRoute(app, gatewayRoutes.deleteJob, async ({ params: { id }, request }) => {
    const deleted = await deleteJob(parts.database, id, viewerOf(request));
    parts.jobs.forget(id);
    if (!deleted) throw fail('JOB_NOT_FOUND', { job_id: id });
    await Promise.all(deleted.checkpointDigests.map((sha256) => releaseBytes(parts, sha256)));
    // Bytes that another job's checkpoint shares stay, but perhaps not their pin.
    void parts.pins.look();
    return undefined;
  });
}
