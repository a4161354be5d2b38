import { gatewayRoutes } from '@lensgate/contracts';
import { ClientGone, languageFor, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { checkpointMissing } from '../services/checkpoint-missing.js';
import { checkpointToChange } from '../services/checkpoint-to-change.js';
import { refusalOf } from '../services/place-inference.js';
import { viewerOf } from '../services/principal.js';
import { readyToServe } from '../services/ready-to-serve.js';
import { checkpointToWire, withNotes } from '../services/wire.js';
import { patchCheckpoint } from '../store/checkpoint-rows.js';

export function addPatchCheckpoint(app: FastifyInstance, parts: GatewayParts): void {
  const { database, jobs, pins } = parts;
  registerRoute(app, gatewayRoutes.patchCheckpoint, async ({ params, body, request, reply, signal, arrivedAtMs }) => {
    const key = { jobId: params.id, id: params.checkpoint_id };
    const viewer = viewerOf(request);
    const language = languageFor(request);
    const { row: known } = await checkpointToChange(database, key, viewer);
    if ((body.pinned || body.is_best) && known.status === 'refused') throw refusalOf(known);
    try {
      const asker = { requestId: request.id, language };
      const call = { key, viewer, timeoutMs: undefined, arrivedAtMs, asker, clientGone: signal };
      const note = body.is_best && !known.isBest ? await readyToServe(parts, call) : undefined;
      const changes = { isBest: body.is_best, epoch: body.epoch, pinned: body.pinned };
      const row = await patchCheckpoint(database, key, changes, viewer);
      jobs.forget(key.jobId);
      if (!row) throw await checkpointMissing(database, key, viewer);
      if (body.pinned !== undefined) await pins.tell(row.sha256);
      return withNotes(checkpointToWire(row), note === undefined ? [] : [note], language);
    } catch (error) {
      if (error instanceof ClientGone) return reply.hijack();
      throw error;
    }
  });
}
