import {
  type AnswerFields,
  batchBytesMax,
  deadlinePhases,
  Failure,
  fail,
  type InferenceOptions,
  type JobHints,
  type Language,
  InferenceOptions as OptionsSchema,
  type Words,
  type WorkerQuickFields,
  workerRoutes,
} from '@lensgate/contracts';
import {
  ClientGone,
  emptyFile,
  type FileChunks,
  ignoredInBatch,
  languageFor,
  pictureName,
  readFiles,
  readForms,
  registerRoute,
  replyBatch,
  reserveForBody,
  unknownFieldWarnings,
  varyByLanguage,
} from '@lensgate/http-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { StoredModel } from '../child-pool.js';
import { contradiction } from '../hints.js';
import { inferenceBody } from '../inference-body.js';
import { roundMs, serverTiming } from '../server-timing.js';
import { leftMs, timeoutOf, wholeMs } from '../time-left.js';
import type { InferenceOutcome } from '../work.js';
import type { WorkerParts } from '../worker-parts.js';
import { heldCheckpoint, taskNotServed } from './checkpoints.js';
import { answerForLoad } from './damaged-file.js';

const quickRoute = workerRoutes.quickInference;
const batchRoute = workerRoutes.batchInference;

type InferenceFields = WorkerQuickFields;

/** When the request came and has to be answered, on the monotonic clock. */
interface Times {
  readonly arrivedAtMs: number;
  readonly cameAtMs: number;
  readonly deadlineAtMs: number;
}

/** What is the same for every picture of a request. */
interface Run extends Times {
  readonly requestId: string;
  readonly fields: InferenceFields;
  readonly model: StoredModel;
  /** What is to be said before the child's own words. */
  readonly warnings: readonly string[];
  readonly language: Language;
}

/** `POST /inference/quick`: one picture through one checkpoint. */
export function addInferenceRoute(app: FastifyInstance, parts: WorkerParts): void {
  registerRoute(app, quickRoute, async ({ request, reply, signal, arrivedAtMs }) => {
    reserveForBody(parts.uploads, { request, reply, bytesMax: parts.config.uploadBytesMax });
    let sha256: unknown;
    try {
      const { file, fields, unknown } = await readForms(request, quickRoute.body, {
        fileBytesMax: parts.config.uploadBytesMax,
        beforeFile: (values) => {
          sha256 = values.checkpoint_sha256;
          refuseEarly(parts, sha256);
        },
      });
      const uploadMs = performance.now() - arrivedAtMs;
      const run = prepare(parts, fields, request, arrivedAtMs, unknownFieldWarnings(unknown));
      sha256 = run.model.sha256;
      const { body, outcome } = await inferOne(parts, run, file, signal);
      // Base64 of a large overlay takes time too.
      if (performance.now() >= run.deadlineAtMs) throw deadlinePassed(run, deadlinePhases.answering);
      varyByLanguage(reply);
      reply.header('content-type', 'application/json; charset=utf-8');
      reply.header('server-timing', serverTiming(outcome, { uploadMs, queueMs: outcome.queueMs - uploadMs }));
      return body;
    } catch (error) {
      if (error instanceof ClientGone) return reply.hijack();
      if (error instanceof Failure && error.code === 'QUEUE_FULL') tellHowLong(parts, sha256, reply);
      throw error;
    }
  });
}

/** A full queue is told before the picture is read: in a rush, reading it would take time from those who wait. */
function refuseEarly({ scheduler }: WorkerParts, sha256: unknown): void {
  const refusal = typeof sha256 === 'string' ? scheduler.fullness(sha256) : undefined;
  if (refusal) throw refusal;
}

/** For the hop before, which need not ask again so soon. */
function tellHowLong({ scheduler }: WorkerParts, sha256: unknown, reply: FastifyReply): void {
  const fullForMs = typeof sha256 === 'string' ? Math.floor(scheduler.fullForMs(sha256)) : 0;
  if (fullForMs > 0) reply.header('x-full-for-ms', String(fullForMs));
}

/** `POST /inference/batch`: many pictures through one checkpoint; each waits in the queue like one that came alone. */
export function addBatchRoute(app: FastifyInstance, parts: WorkerParts): void {
  const { config } = parts;
  registerRoute(app, batchRoute, async ({ request, reply, signal, arrivedAtMs }) => {
    const filesBytesMax = Math.max(config.uploadBytesMax, batchBytesMax);
    reserveForBody(parts.uploads, { request, reply, bytesMax: filesBytesMax });
    const { files, fields, unknown } = await readFiles(request, batchRoute.body, {
      fileBytesMax: config.uploadBytesMax,
      filesBytesMax,
    });
    const { image_path: handle, filename, ...named } = fields;
    const ignored = [...namesIgnored({ image_path: handle, filename }), ...unknownFieldWarnings(unknown)];
    const run = prepare(parts, named, request, arrivedAtMs, ignored);
    return replyBatch(
      { request, reply, signal },
      {
        count: files.length,
        // Enough to keep every core busy while answers are made; the queue stays free for others.
        sideBySide: config.cores * 2,
        answerBytesMax: config.responseBytesMax,
        run: async (index, itemSignal) => {
          if (performance.now() >= run.deadlineAtMs) throw deadlinePassed(run, deadlinePhases.waiting);
          try {
            return { kind: 'done', body: (await inferOne(parts, run, files[index]!, itemSignal)).body };
          } catch (error) {
            if (error instanceof Failure && error.code === 'QUEUE_FULL') return { kind: 'busy' };
            throw error;
          }
        },
      },
    );
  });
}

/** The pictures of a batch come under their own names. */
const namesIgnored = (fields: Readonly<Record<string, unknown>>): Words[] =>
  Object.keys(fields)
    .filter((name) => fields[name] !== undefined)
    .map(ignoredInBatch);

const deadlinePassed = (run: Run, phase: Words) => fail('DEADLINE_EXCEEDED', { timeout_ms: timeoutOf(run), phase });

/** @throws what every picture of the request would be refused for */
function prepare(
  parts: WorkerParts,
  fields: InferenceFields,
  request: FastifyRequest,
  arrivedAtMs: number,
  ignored: readonly Words[],
): Run {
  const { id: requestId, headers } = request;
  const language = languageFor(request);
  refuseForeign(fields, parts);
  const { model, warnings } = findModel(fields, parts);
  const known = parts.scheduler.stateOf(model.sha256);
  const early = known.state === 'ready' ? contradiction(known.findings, hintsOf(fields)) : undefined;
  if (early) throw early;
  return {
    requestId,
    fields,
    model,
    language,
    warnings: [...fields.warnings, ...[...ignored, ...warnings].map((words) => words[language])],
    arrivedAtMs,
    cameAtMs: arrivedAtMs - wholeMs(headers['x-request-age-ms'], 0),
    deadlineAtMs: arrivedAtMs + leftMs(fields.timeout_ms, headers['x-deadline-ms'], parts.config.deadlineMs),
  };
}

/** @throws Failure; ClientGone when the signal fires */
async function inferOne(
  parts: WorkerParts,
  { requestId, fields, model, warnings, language, ...times }: Run,
  file: FileChunks,
  signal: AbortSignal,
): Promise<{ body: Buffer; outcome: InferenceOutcome }> {
  const { config } = parts;
  if (file.chunks.length === 0) throw emptyFile(batchRoute.body.file);
  const hints = hintsOf(fields);
  const work = {
    requestId,
    model,
    image: oneBuffer(file.chunks),
    hints,
    options: optionsOf(fields),
    ...times,
    hardDeadlineAtMs: times.arrivedAtMs + config.deadlineMs,
    signal,
  };
  const outcome = await parts.scheduler.submit(work).catch(async (error: unknown) => {
    throw await answerForLoad(parts, model, error);
  });
  const late = contradiction(outcome.facts.findings, hints);
  if (late) throw late;
  const answer = answerFields(outcome, fields, fields.filename ?? pictureName(file), model.sha256);
  const said = [...warnings, ...outcome.result.warnings.map((words) => words[language])];
  return {
    body: inferenceBody({ ...outcome, result: { ...outcome.result, warnings: said } }, answer, config),
    outcome,
  };
}

const oneBuffer = (chunks: readonly Buffer[]): Buffer => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));

function refuseForeign({ framework, task_type: taskType }: InferenceFields, parts: WorkerParts): void {
  if (framework.toLowerCase() !== parts.spec.framework) {
    throw fail('FRAMEWORK_NOT_SERVED', { served: parts.spec.framework, framework });
  }
  if (!parts.spec.families.some((family) => family.taskType === taskType)) throw taskNotServed(parts, taskType);
}

/** The checkpoint named by its digest, else the worker's own model of the job's name. */
function findModel(fields: InferenceFields, parts: WorkerParts): { model: StoredModel; warnings: Words[] } {
  const { checkpoint_sha256: sha256, checkpoint_path: path, model_name: name, training_job_id: jobId } = fields;
  if (sha256 !== undefined) return { model: heldCheckpoint(parts, sha256), warnings: [] };
  const model = parts.store.builtInNamed(name);
  if (!model) throw fail('CHECKPOINT_MISSING', { job_id: jobId, model: name });
  const isElsewhere = path !== undefined && path !== 'pretrained';
  return {
    model,
    warnings: isElsewhere
      ? [
          {
            en: `checkpoint_path was ignored: a worker takes checkpoints by checkpoint_sha256. The built-in model ${name} answered.`,
            ko: `checkpoint_path를 무시했습니다. 워커는 체크포인트를 checkpoint_sha256으로 받습니다. 내장 모델 ${name}의 결과입니다.`,
          },
        ]
      : [],
  };
}

function hintsOf(fields: InferenceFields): JobHints {
  return { taskType: fields.task_type, numClasses: fields.num_classes, classNames: fields.class_names };
}

const optionsOf = (fields: InferenceFields): InferenceOptions => OptionsSchema.parse(fields);

function answerFields(
  outcome: InferenceOutcome,
  fields: InferenceFields,
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
