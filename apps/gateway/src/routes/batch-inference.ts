import { batchBytesMax, deadlinePhases, fail, gatewayRoutes } from '@lensgate/contracts';
import {
  answerGraceMs,
  ClientGone,
  emptyFile,
  languageFor,
  MiB,
  patience,
  readFiles,
  registerRoute,
  replyBatch,
} from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { takeQuota } from '../plugins/quota.js';
import { batchWarnings } from '../services/field-warnings.js';
import { inferPicture, placeAccepted } from '../services/infer-picture.js';
import { viewerOf } from '../services/principal.js';
import { problemIn } from '../workers/worker-http.js';

const route = gatewayRoutes.batchInference;
const fieldsBytesMax = 1 * MiB;
/** Enough for several replicas, and little in the queue of one. */
const sideBySide = 8;

/** `POST …/inference/batch`: many pictures through a job's checkpoint. Replicas share them: each goes out alone. */
export function addBatchInference(app: FastifyInstance, parts: GatewayParts): void {
  const { config, quotas, uploads } = parts;
  const filesBytesMax = Math.max(
    config.uploadBytesMax,
    Math.min(batchBytesMax, config.uploadsInFlightBytesMax - fieldsBytesMax),
  );

  registerRoute(app, route, async ({ request, reply, signal: clientGone, arrivedAtMs }) => {
    const declaredBytes = Number(request.headers['content-length'] ?? filesBytesMax);
    const release = uploads.reserve(Math.min(declaredBytes, filesBytesMax));
    let waiting: ReturnType<typeof patience> | undefined;
    try {
      const { files, fields, unknown } = await readFiles(request, route.body, {
        fileBytesMax: config.uploadBytesMax,
        filesBytesMax,
        fieldsBytesMax,
        bodyTimeoutMs: config.uploadTimeoutMs,
      });
      takeQuota({ request, reply, quotas }, { units: files.length, taken: 1 });
      const timeoutMs = Math.min(fields.timeout_ms ?? config.deadlineMs, config.deadlineMs);
      const deadlineAtMs = arrivedAtMs + timeoutMs;
      const waitMs = deadlineAtMs - performance.now() + answerGraceMs;
      waiting = patience({ clientGone, waitMs, timeoutMs, phase: deadlinePhases.unanswered });
      const { signal: outOfPatience } = waiting;
      const viewer = viewerOf(request);
      const asker = { requestId: request.id, language: languageFor(request) };
      const placement = await placeAccepted(parts, fields, {
        asker,
        signal: outOfPatience,
        viewer,
      });
      const placed = {
        placement,
        fields,
        warnings: batchWarnings(fields, unknown),
        arrivedAtMs,
        deadlineAtMs,
        asker,
        viewer,
      };
      return await replyBatch(
        { request, reply, signal: clientGone },
        {
          count: files.length,
          sideBySide,
          answerBytesMax: config.answerBytesMax,
          run: async (index, signal) => {
            const file = files[index]!;
            if (file.chunks.length === 0) throw emptyFile(route.body.file);
            if (performance.now() >= deadlineAtMs)
              throw fail('DEADLINE_EXCEEDED', { timeout_ms: timeoutMs, phase: deadlinePhases.waiting });
            const answer = await inferPicture(parts, placed, file, AbortSignal.any([outOfPatience, signal]));
            const problem = problemIn(answer);
            if (problem?.code === 'QUEUE_FULL' || problem?.code === 'UPLOADS_FULL') return { kind: 'busy' };
            return { kind: answer.status < 400 ? 'done' : 'problem', body: answer.body };
          },
        },
      );
    } catch (error) {
      if (error instanceof ClientGone) return reply.hijack();
      throw error;
    } finally {
      waiting?.end();
      release();
    }
  });
}
