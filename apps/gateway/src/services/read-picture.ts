import { gatewayRoutes, type QuickFields } from '@lensgate/contracts';
import { type FileChunks, MiB, readForms } from '@lensgate/http-kit';
import type { FastifyRequest } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from './principal.js';

/** Text fields of a quick request are few and short. */
const fieldsBytesMax = 1 * MiB;

export interface PictureRequest {
  readonly file: FileChunks;
  readonly fields: QuickFields;
  /** Names of fields that the contract does not know. */
  readonly unknown: readonly string[];
  /** Gives the room of the picture back. */
  readonly release: () => void;
}

/**
 * Reads a quick request in whichever form it comes, and its picture: the one that was sent, or the one of a handle.
 * @throws QUEUE_FULL before the picture is read, UPLOADS_FULL, HANDLE_NOT_FOUND, HANDLE_EXPIRED, and as `readForms`
 */
export async function readPicture(
  request: FastifyRequest,
  { config, uploads, pictures, fullQueues }: GatewayParts,
): Promise<PictureRequest> {
  const { headers } = request;
  const viewer = viewerOf(request);
  // A body of unknown length may become as large as a picture may be.
  const ofUnknownLength = headers['transfer-encoding'] === undefined ? 0 : config.uploadBytesMax;
  const declaredBytes = Number(headers['content-length'] ?? ofUnknownLength);
  const releases = [uploads.reserve(Math.min(declaredBytes, config.uploadBytesMax + fieldsBytesMax))];
  const release = () => {
    for (const each of releases) each();
  };
  try {
    const { file, fields, unknown } = await readForms(request, gatewayRoutes.quickInference.body, {
      fileBytesMax: config.uploadBytesMax,
      fieldsBytesMax,
      bodyTimeoutMs: config.uploadTimeoutMs,
      beforeFile: (values) => {
        const refusal = fullQueues.refusal({ work: values, viewer });
        if (refusal) throw refusal;
      },
    });
    if (file) return { file: { ...file, filename: fields.filename ?? file.filename }, fields, unknown, release };
    const row = await pictures.find(fields.image_path ?? '', fields.session_id, viewer);
    releases.push(uploads.reserve(row.bytes));
    const bytes = await pictures.read(row.handle);
    const filename = fields.filename ?? row.filename;
    return { file: { filename, mimetype: 'application/octet-stream', chunks: [bytes] }, fields, unknown, release };
  } catch (error) {
    release();
    throw error;
  }
}
