import { fail, type ModelEntry, workerRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { Home, StoredModel } from '../child-pool.js';
import { residentBytes } from '../memory.js';
import { roundMs } from '../server-timing.js';
import type { WorkerParts } from '../worker-parts.js';

export function addModelRoutes(app: FastifyInstance, parts: WorkerParts): void {
  const { spec, store } = parts;
  registerRoute(app, workerRoutes.listModels, () => ({
    framework: spec.framework,
    families: spec.families.map(({ name, taskType }) => ({ name, task_type: taskType })),
    models: store.list().map((model) => modelEntry(model, parts)),
  }));
  registerRoute(app, workerRoutes.getModel, ({ params }) => {
    const model = store.builtInNamed(params['*']);
    if (!model) throw fail('MODEL_NOT_FOUND', { model: params['*'] });
    return modelEntry(model, parts);
  });
}

/** What the worker knows of a checkpoint now. */
export function modelEntry(model: StoredModel, { spec, store, scheduler, pool, pins }: WorkerParts): ModelEntry {
  const { sha256, bytes } = model;
  const known = scheduler.stateOf(sha256);
  const homes = pool.homes.filter((home) => home.model.sha256 === sha256);
  const findings = known.state === 'ready' ? known.findings : null;
  const usage = scheduler.usage.of(sha256);
  const newest = homes.reduce<Home | undefined>((a, b) => (a && a.loadedAtMs > b.loadedAtMs ? a : b), undefined);
  const isLoaded = pool.homesOf(sha256).length > 0;
  return {
    name: store.builtIn.find((builtIn) => builtIn.sha256 === sha256)?.name ?? null,
    sha256,
    bytes,
    framework: spec.framework,
    state: known.state === 'ready' && !isLoaded ? 'stored' : known.state,
    reason: reasonOf(known) ?? (isLoaded ? null : (pins.troubleOf(sha256) ?? null)),
    family: findings?.family ?? null,
    task_type: findings?.task_type ?? null,
    num_classes: findings?.num_classes ?? null,
    children: homes.length,
    memory_bytes: homes.length > 0 ? homes.reduce((sum, { child }) => sum + (residentBytes(child.pid) ?? 0), 0) : null,
    load_ms: newest ? roundMs(newest.facts.loadMs + newest.facts.canaryMs) : null,
    requests: usage?.requests ?? 0,
    last_used_at: usage ? new Date(Date.now() - (performance.now() - usage.lastUsedAtMs)).toISOString() : null,
    pinned: pins.has(sha256),
  };
}

function reasonOf(known: ReturnType<WorkerParts['scheduler']['stateOf']>): string | null {
  if (known.state === 'refused' || known.state === 'stopped') return known.failure.message;
  if (known.state !== 'failing') return null;
  return known.failures > 0
    ? `its process has ended ${known.failures} times while it was loaded`
    : `its processes have ended over ${known.deaths} pictures in a row`;
}
