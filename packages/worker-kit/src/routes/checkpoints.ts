import { fail, type JobHints, workerRoutes } from '@lensgate/contracts';
import { languageFor, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { StoredModel } from '../child-pool.js';
import { contradiction, hintWarnings } from '../hints.js';
import type { WorkerParts } from '../worker-parts.js';
import { modelEntry } from './models.js';

/** The worker's store: bytes come in once, are looked into in a child, and the child stays as a warm home. */
export function addCheckpointRoutes(app: FastifyInstance, parts: WorkerParts): void {
  const { store, scheduler, pins, spec } = parts;

  registerRoute(app, workerRoutes.putCheckpoint, async ({ params: { sha256 }, query, body, request }) => {
    const model = await store.put(sha256, body);
    // Whoever sends it again wants it looked into again.
    if (['refused', 'stopped'].includes(scheduler.stateOf(sha256).state)) scheduler.forget(sha256);
    if (query.task_type !== undefined && !spec.families.some(({ taskType }) => taskType === query.task_type)) {
      await store.delete(sha256);
      throw taskNotServed(parts, query.task_type);
    }
    const home = await scheduler.inspect(model).catch(async (error: unknown) => {
      if (scheduler.stateOf(sha256).state === 'refused') await store.delete(sha256);
      throw error;
    });
    const { findings, warnings } = home.facts;
    const hints: JobHints = {
      taskType: query.task_type,
      numClasses: query.num_classes,
      classNames: query.class_names,
    };
    const refusal = contradiction(findings, hints);
    if (refusal) throw refusal;
    const said = [...warnings, ...hintWarnings(findings, hints)].map((words) => words[languageFor(request)]);
    return { sha256, bytes: model.bytes, findings, warnings: said };
  });

  registerRoute(app, workerRoutes.getCheckpoint, ({ params: { sha256 } }) => {
    const model = store.use(sha256);
    if (!model) throw fail('MODEL_NOT_FOUND', { model: sha256 });
    return modelEntry(model, parts);
  });

  registerRoute(app, workerRoutes.deleteCheckpoint, async ({ params: { sha256 } }) => {
    if (!(await store.delete(sha256))) throw fail('MODEL_NOT_FOUND', { model: sha256 });
    pins.unpin(sha256);
    scheduler.dismiss(sha256);
    return undefined;
  });
}

/** @throws CHECKPOINT_NEEDED when this worker does not hold it, or why it was refused */
export function heldCheckpoint({ store, scheduler }: WorkerParts, sha256: string): StoredModel {
  const model = store.use(sha256);
  const known = scheduler.stateOf(sha256);
  // Its bytes are gone, but not what they were: they need not be sent again to hear the same.
  if (!model && known.state === 'refused') throw known.failure;
  if (!model) throw fail('CHECKPOINT_NEEDED', { sha256 });
  return model;
}

/** Words for a task that no family of this worker serves. */
export function taskNotServed({ spec }: WorkerParts, taskType: string) {
  const served = [...new Set(spec.families.map((family) => family.taskType))];
  return fail('TASK_NOT_SERVED', {
    framework: spec.framework,
    task_type: taskType,
    served:
      served.length > 0
        ? { en: `; it serves ${served.join(', ')}`, ko: `(지원하는 작업 유형: ${served.join(', ')})` }
        : { en: ' yet, nor any other task', ko: '(아직 지원하는 작업 유형이 없습니다)' },
  });
}
