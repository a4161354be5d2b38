import { fail, gatewayRoutes } from '@lensgate/contracts';
import { languageFor, readMultipartStream, registerRoute, unknownFieldWarnings } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { bundleCheckpoint } from '../services/bundle-checkpoint.js';
import { keepCheckpoint } from '../services/keep-checkpoint.js';
import { viewerOf } from '../services/principal.js';
import { checkpointToWire, withNotes } from '../services/wire.js';
import { getJobToChange } from '../store/job-store.js';

const route = gatewayRoutes.uploadCheckpoint;
const statusOf = { known: 200, accepted: 201, pending: 202 } as const;

export function addUploadCheckpoint(app: FastifyInstance, parts: GatewayParts): void {
  const { config, database, bytes } = parts;
  registerRoute(app, route, async ({ params: { id }, request, reply }) => {
    const viewer = viewerOf(request);
    const language = languageFor(request);
    const job = await getJobToChange(database, id, viewer);
    if (!job) throw fail('JOB_NOT_FOUND', { job_id: id });
    const { fileResult, fields, unknown } = await readMultipartStream(request, route.body, {
      fileBytesMax: config.checkpointBytesMax,
      onFile: async (stream, { filename }) => ({
        draft: await bytes.receive(stream, { bytesMax: config.checkpointBytesMax }),
        filename,
      }),
      onDiscard: ({ draft }) => draft.discard(),
    });
    const { draft, filename, note: bundleNote } = await bundleCheckpoint(bytes, fileResult, fields, config);
    const { row, outcome, note } = await keepCheckpoint(parts, {
      job,
      draft,
      filename,
      metadata: fields.metadata,
      asker: { requestId: request.id, language },
      viewer,
    });
    request.audited = { job_id: id, checkpoint_id: row.id, sha256: row.sha256 };
    reply.code(statusOf[outcome]);
    const notes = [...unknownFieldWarnings(unknown), bundleNote, note].filter((each) => each !== undefined);
    return { checkpoints: [withNotes(checkpointToWire(row), notes, language)] };
  });
}
