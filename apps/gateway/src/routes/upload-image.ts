import { gatewayRoutes } from '@lensgate/contracts';
import { pictureName, readMultipartStream, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';

const route = gatewayRoutes.uploadImage;

/** `POST …/inference/upload-image`: keeps a picture for a while and answers its handle. */
export function addUploadImage(app: FastifyInstance, { config, pictures }: GatewayParts): void {
  registerRoute(app, route, async ({ request }) => {
    const { fileResult, fields } = await readMultipartStream(request, route.body, {
      fileBytesMax: config.uploadBytesMax,
      bodyTimeoutMs: config.uploadTimeoutMs,
      onFile: (stream, info) => pictures.receive(stream, { filename: pictureName(info) }),
      onDiscard: (picture) => pictures.discard(picture),
    });
    const kept = await pictures.keep(fileResult, fields.session_id, viewerOf(request));
    // Not the handle: who has it can use the picture.
    request.audited = { session_id: kept.session_id };
    return kept;
  });
}
