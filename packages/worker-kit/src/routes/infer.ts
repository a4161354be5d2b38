import {
  type AnswerFields,
  fail,
  type InferenceOptions,
  type JobHints,
  InferenceOptions as OptionsSchema,
  type WorkerQuickFields,
  workerRoutes,
} from '@lensgate/contracts';
import { readForms, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { StoredModel } from '../child-pool.js';
import { contradiction } from '../hints.js';
import { inferenceBody } from '../inference-body.js';
import { ClientGone, type InferenceOutcome } from '../scheduler.js';
import { roundMs, serverTiming } from '../server-timing.js';
import type { WorkerParts } from '../worker-parts.js';
import { taskNotServed } from './checkpoints.js';

const route = workerRoutes.quickInference;

/** `POST /inference/quick`: one picture through one checkpoint. */
export function addInferenceRoute(app: FastifyInstance, parts: WorkerParts): void {
  const { config, scheduler } = parts;
  registerRoute(app, route, async ({ request, reply, signal, arrivedAtMs }) => {
    const { file, fields } = await readForms(request, route.body, { fileBytesMax: config.uploadBytesMax });
    const readAtMs = performance.now();
    refuseForeign(fields, parts);
    const { model, warnings } = findModel(fields, parts);
    const hints = hintsOf(fields);
    const known = scheduler.stateOf(model.sha256);
    const early = known.state === 'ready' ? contradiction(known.findings, hints) : undefined;
    if (early) throw early;
    const outcome = await scheduler
      .submit({
        requestId: request.id,
        model,
        image: oneBuffer(file.chunks),
        hints,
        options: optionsOf(fields),
        arrivedAtMs,
        cameAtMs: arrivedAtMs - wholeMs(request.headers['x-request-age-ms'], 0),
        deadlineAtMs: arrivedAtMs + leftMs(fields, request.headers['x-deadline-ms'], config.deadlineMs),
        hardDeadlineAtMs: arrivedAtMs + config.deadlineMs,
        signal,
      })
      .catch((error: unknown) => {
        if (error instanceof ClientGone) return undefined;
        throw error;
      });
    if (!outcome) return reply.hijack();
    const late = contradiction(outcome.facts.findings, hints);
    if (late) throw late;
    reply.header('content-type', 'application/json; charset=utf-8');
    reply.header(
      'server-timing',
      serverTiming(outcome, { uploadMs: readAtMs - arrivedAtMs, queueMs: outcome.queueMs - (readAtMs - arrivedAtMs) }),
    );
    return inferenceBody(
      withWarnings(outcome, warnings),
      answerFields(outcome, fields, fields.filename ?? file.filename, model.sha256),
      config,
    );
  });
}

const oneBuffer = (chunks: readonly Buffer[]): Buffer => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));

function refuseForeign({ framework, task_type: taskType }: WorkerQuickFields, parts: WorkerParts): void {
  if (framework.toLowerCase() !== parts.spec.framework) {
    throw fail('FRAMEWORK_NOT_SERVED', { served: parts.spec.framework, framework });
  }
  if (!parts.spec.families.some((family) => family.taskType === taskType)) throw taskNotServed(parts, taskType);
}

/** The checkpoint named by its digest, else the worker's own model of the job's name. */
function findModel(
  fields: WorkerQuickFields,
  { store, scheduler }: WorkerParts,
): { model: StoredModel; warnings: string[] } {
  const { checkpoint_sha256: sha256, checkpoint_path: path, model_name: name, training_job_id: jobId } = fields;
  if (sha256 !== undefined) {
    const model = store.use(sha256);
    const known = scheduler.stateOf(sha256);
    // Its bytes are gone, but not what they were: they need not be sent again to hear the same.
    if (!model && known.state === 'refused') throw known.failure;
    if (!model) throw fail('CHECKPOINT_NEEDED', { sha256 });
    return { model, warnings: [] };
  }
  const model = store.builtInNamed(name);
  if (!model) throw fail('CHECKPOINT_MISSING', { job_id: jobId, model: name });
  const isElsewhere = path !== undefined && path !== 'pretrained';
  return {
    model,
    warnings: isElsewhere
      ? [
          `checkpoint_path was ignored: a worker takes checkpoints by checkpoint_sha256. The built-in model ${name} answered.`,
        ]
      : [],
  };
}

function hintsOf(fields: WorkerQuickFields): JobHints {
  return { taskType: fields.task_type, numClasses: fields.num_classes, classNames: fields.class_names };
}

const optionsOf = (fields: WorkerQuickFields): InferenceOptions => OptionsSchema.parse(fields);

/** Time left, ms: the least of the caller's wish, what the gateway has left, and our own limit. */
const leftMs = (fields: WorkerQuickFields, header: string | string[] | undefined, limitMs: number): number =>
  Math.min(fields.timeout_ms ?? limitMs, wholeMs(header, limitMs), limitMs);

/** Milliseconds in a header between hops; `otherwise` where there is none that can be read. */
const wholeMs = (header: string | string[] | undefined, otherwise: number): number =>
  typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : otherwise;

const withWarnings = (outcome: InferenceOutcome, warnings: readonly string[]): InferenceOutcome =>
  warnings.length === 0
    ? outcome
    : { ...outcome, result: { ...outcome.result, warnings: [...warnings, ...outcome.result.warnings] } };

function answerFields(
  outcome: InferenceOutcome,
  fields: WorkerQuickFields,
  imageName: string,
  sha256: string,
): AnswerFields {
  const { timings, warm } = outcome;
  return {
    image_name: imageName,
    ...(fields.image_path === undefined ? {} : { image_path: fields.image_path }),
    preprocessing_time_ms: roundMs(timings.decodeMs + timings.preprocessMs),
    inference_time_ms: roundMs(timings.runMs),
    postprocessing_time_ms: roundMs(timings.postprocessMs + timings.renderMs + timings.encodeMs),
    model: { name: fields.model_name, checkpoint_path: fields.checkpoint_path ?? 'pretrained', sha256, warm },
  };
}
