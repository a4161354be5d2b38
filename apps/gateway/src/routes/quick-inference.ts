import { gatewayRoutes, optionFields, type QuickFields } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { checkpointToSend, inspectCheckpoint } from '../services/inspect-checkpoint.js';
import { type Placement, placeInference } from '../services/place-inference.js';
import { readPicture } from '../services/read-picture.js';
import { classNamesFor } from '../services/wire.js';
import { ClientGone, orGiveUp, patience } from '../workers/give-up.js';
import { problemIn } from '../workers/worker-http.js';

const route = gatewayRoutes.quickInference;
/** The worker answers its own 504 at the deadline; only when it does not do we. */
const graceMs = 500;

/** `POST …/inference/quick`: one picture through a job's checkpoint, on the worker of the job's framework. */
export function addQuickInference(app: FastifyInstance, parts: GatewayParts): void {
  const { config, jobs, workers } = parts;

  registerRoute(app, route, async ({ request, reply, signal: clientGone, arrivedAtMs }) => {
    const { file, fields, release } = await readPicture(request, parts);
    let waiting: ReturnType<typeof patience> | undefined;
    try {
      const timeoutMs = Math.min(fields.timeout_ms ?? config.deadlineMs, config.deadlineMs);
      const deadlineAtMs = arrivedAtMs + timeoutMs;
      const waitMs = deadlineAtMs - performance.now() + graceMs;
      waiting = patience({ clientGone, waitMs, timeoutMs, phase: 'the worker has not answered' });
      const { signal } = waiting;

      let placement = await orGiveUp(placeInference(jobs, fields), signal);
      if (placement.checkpoint?.status === 'pending')
        placement = await orGiveUp(inspectFirst(parts, placement, request.id), signal);
      const { job, checkpoint } = placement;
      const answer = await workers.infer({
        framework: job.framework,
        fields: { ...jobFields(placement), image_path: fields.image_path, ...optionTexts(fields) },
        file: { name: route.body.file, ...file },
        checkpoint: checkpoint && checkpointToSend(job, checkpoint),
        jobId: job.id,
        modelName: job.modelName,
        arrivedAtMs,
        deadlineAtMs,
        requestId: request.id,
        signal,
      });
      request.problemCode = problemIn(answer)?.code ?? null;
      for (const name of ['content-type', 'retry-after', 'server-timing']) {
        const value = answer.headers[name];
        if (value !== undefined) reply.header(name, value);
      }
      return reply.code(answer.status).send(answer.body);
    } catch (error) {
      if (error instanceof ClientGone) return reply.hijack();
      throw error;
    } finally {
      waiting?.end();
      release();
    }
  });
}

/** A checkpoint that no worker has seen yet is looked into before its first use. */
async function inspectFirst(parts: GatewayParts, placement: Placement, requestId: string): Promise<Placement> {
  const { job, checkpoint } = placement;
  if (!checkpoint) return placement;
  const inspected = await inspectCheckpoint(parts, { job, row: checkpoint, requestId });
  if (inspected.kind !== 'accepted') throw inspected.failure;
  return { ...placement, checkpoint: inspected.row };
}

/** What the worker must know of the job. */
function jobFields({ job, checkpoint, checkpointPath }: Placement): Record<string, string | undefined> {
  const classNames = classNamesFor(job, checkpoint);
  return {
    training_job_id: String(job.id),
    model_name: job.modelName,
    task_type: job.taskType,
    num_classes: String(job.numClasses),
    dataset_path: job.datasetPath ?? '',
    output_dir: job.outputDir ?? '',
    checkpoint_path: checkpointPath,
    checkpoint_sha256: checkpoint?.sha256,
    class_names: classNames ? JSON.stringify(classNames) : undefined,
  };
}

/** The options as text again; lists are comma-separated. */
function optionTexts(fields: QuickFields): Record<string, string | undefined> {
  const names = Object.keys(optionFields) as (keyof typeof optionFields)[];
  return Object.fromEntries(names.map((name) => [name, fields[name]?.toString()]));
}
