import { deadlinePhases, fail, type ModelEntry, type Words, workerRoutes } from '@lensgate/contracts';
import { ClientGone, orGiveUp, patience, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StoredModel } from '../child-pool.js';
import { leftMs } from '../time-left.js';
import type { WorkerParts } from '../worker-parts.js';
import { heldCheckpoint } from './checkpoints.js';
import { answerForLoad } from './damaged-file.js';
import { modelEntry } from './models.js';

/** Warm, unload and pin: of a checkpoint by its digest, of a built-in model by its name. */
export function addModelControlRoutes(app: FastifyInstance, parts: WorkerParts): void {
  const byDigest = (sha256: string): StoredModel => {
    const model = parts.store.use(sha256);
    if (!model) throw fail('MODEL_NOT_FOUND', { model: sha256 });
    return model;
  };
  const byName = (name: string): StoredModel => {
    const model = parts.store.builtInNamed(name);
    if (!model) throw fail('MODEL_NOT_FOUND', { model: name });
    return model;
  };

  registerRoute(app, workerRoutes.warmCheckpoint, ({ params: { sha256 }, ...call }) =>
    warm(parts, heldCheckpoint(parts, sha256), call),
  );
  registerRoute(app, workerRoutes.unloadCheckpoint, ({ params: { sha256 }, ...call }) =>
    unload(parts, byDigest(sha256), call),
  );
  registerRoute(app, workerRoutes.pinCheckpoint, ({ params: { sha256 } }) => pin(parts, heldCheckpoint(parts, sha256)));
  registerRoute(app, workerRoutes.unpinCheckpoint, ({ params: { sha256 } }) => unpin(parts, byDigest(sha256)));

  registerRoute(app, workerRoutes.warmOrUnloadModel, ({ params, ...call }) => {
    const { name, action } = params['*'];
    return action === 'warm' ? warm(parts, byName(name), call) : unload(parts, byName(name), call);
  });
  registerRoute(app, workerRoutes.pinModel, ({ params }) => pin(parts, byName(params['*'].name)));
  registerRoute(app, workerRoutes.unpinModel, ({ params }) => unpin(parts, byName(params['*'].name)));
}

interface Call {
  readonly query: { readonly timeout_ms?: number | undefined };
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
  readonly arrivedAtMs: number;
}

/** Gives up, but not the work itself, when the caller's time is over or he has gone. */
async function withinDeadline(
  { config }: WorkerParts,
  { query, request, reply, signal: clientGone, arrivedAtMs }: Call,
  phase: Words,
  work: (signal: AbortSignal) => Promise<ModelEntry>,
): Promise<ModelEntry | FastifyReply> {
  const timeoutMs = leftMs(query.timeout_ms, request.headers['x-deadline-ms'], config.deadlineMs);
  const waitMs = arrivedAtMs + timeoutMs - performance.now();
  const waiting = patience({ clientGone, waitMs, timeoutMs, phase });
  try {
    return await work(waiting.signal);
  } catch (error) {
    if (error instanceof ClientGone) return reply.hijack();
    throw error;
  } finally {
    waiting.end();
  }
}

const warm = (parts: WorkerParts, model: StoredModel, call: Call) =>
  withinDeadline(parts, call, deadlinePhases.loading, async (signal) => {
    parts.scheduler.tryAgain(model.sha256);
    await parts.scheduler.warm(model, signal).catch(async (error: unknown) => {
      throw await answerForLoad(parts, model, error);
    });
    return modelEntry(model, parts);
  });

const unload = (parts: WorkerParts, model: StoredModel, call: Call) =>
  withinDeadline(parts, call, deadlinePhases.finishing, async (signal) => {
    // A pin would load it again at once.
    parts.pins.unpin(model.sha256);
    await orGiveUp(parts.scheduler.unload(model.sha256), signal);
    return modelEntry(model, parts);
  });

function pin(parts: WorkerParts, model: StoredModel): ModelEntry {
  const known = parts.scheduler.stateOf(model.sha256);
  if (known.state === 'refused') throw known.failure;
  parts.pins.pin(model.sha256);
  return modelEntry(model, parts);
}

function unpin(parts: WorkerParts, model: StoredModel): ModelEntry {
  parts.pins.unpin(model.sha256);
  return modelEntry(model, parts);
}
