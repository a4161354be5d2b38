import { deadlinePhases, fail, gatewayRoutes } from '@lensgate/contracts';
import { answerGraceMs, ClientGone, languageFor, patience, registerRoute, varyByLanguage } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { quickWarnings } from '../services/field-warnings.js';
import { inferPicture, placeAccepted } from '../services/infer-picture.js';
import { viewerOf } from '../services/principal.js';
import { readPicture } from '../services/read-picture.js';
import { problemIn } from '../workers/worker-http.js';

const route = gatewayRoutes.quickInference;

/** `POST …/inference/quick`: one picture through a job's checkpoint, on the worker of the job's framework. */
export function addQuickInference(app: FastifyInstance, parts: GatewayParts): void {
  const { config } = parts;

  registerRoute(app, route, async ({ request, reply, signal: clientGone, arrivedAtMs }) => {
    const { file, fields, unknown, release } = await readPicture(request, parts);
    const viewer = viewerOf(request);
    const asked = { work: fields, viewer };
    const leave = parts.fullQueues.enter(asked);
    let waiting: ReturnType<typeof patience> | undefined;
    try {
      const timeoutMs = Math.min(fields.timeout_ms ?? config.deadlineMs, config.deadlineMs);
      const deadlineAtMs = arrivedAtMs + timeoutMs;
      const waitMs = deadlineAtMs - performance.now() + answerGraceMs;
      waiting = patience({ clientGone, waitMs, timeoutMs, phase: deadlinePhases.unanswered });
      const { signal } = waiting;

      const asker = { requestId: request.id, language: languageFor(request) };
      const placement = await placeAccepted(parts, fields, {
        asker,
        signal,
        viewer,
      });
      const placed = {
        placement,
        fields,
        imagePath: fields.image_path,
        warnings: quickWarnings(fields, unknown),
        arrivedAtMs,
        deadlineAtMs,
        asker,
        viewer,
      };
      const answer = await inferPicture(parts, placed, file, signal);
      parts.fullQueues.note(asked, answer);
      if (answer.status === 200 && performance.now() >= deadlineAtMs)
        throw fail('DEADLINE_EXCEEDED', { timeout_ms: timeoutMs, phase: deadlinePhases.passing });
      request.problemCode = problemIn(answer)?.code ?? null;
      varyByLanguage(reply);
      for (const name of ['content-type', 'content-language', 'retry-after', 'server-timing']) {
        const value = answer.headers[name];
        if (value !== undefined) reply.header(name, value);
      }
      return reply.code(answer.status).send(answer.body);
    } catch (error) {
      if (error instanceof ClientGone) return reply.hijack();
      throw error;
    } finally {
      waiting?.end();
      leave();
      release();
    }
  });
}
