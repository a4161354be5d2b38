import { z } from 'zod';
import { CheckpointFindings } from './jobs.js';
import { Framework, TaskType } from './tasks.js';

export const Health = z
  .object({
    status: z.literal('ok').meta({ description: 'That there is an answer says it.' }),
    service: z.string().meta({ description: 'Which service this is.' }),
    uptime_s: z.number().meta({ description: 'Since its process started, seconds' }),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;

const ready = z.boolean().meta({ description: 'Whether it can serve.' });
const reason = z.string().nullable().meta({ description: 'Why it cannot; null when it can.' });
const framework = Framework.meta({ description: 'The framework that it serves.' });
const workerFramework = z.string().meta({ description: 'The framework that it serves; `fallback` for all others.' });
const workerUrl = z.string().meta({ description: 'Where the gateway reaches it.' });
const families = z
  .array(
    z.object({
      name: z.string().meta({ description: 'How its checkpoints are fed and read.' }),
      task_type: TaskType.meta({ description: 'What its checkpoints do.' }),
    }),
  )
  .meta({ description: 'The kinds of models that it can run.' });

export const WorkerReady = z
  .object({
    ready,
    framework,
    spares: z.int().meta({ description: 'Child processes that wait for a checkpoint.' }),
    children: z.int().meta({ description: 'Child processes that hold a checkpoint.' }),
    queued: z.int().meta({ description: 'Pictures that wait.' }),
    in_flight: z.int().meta({ description: 'Pictures that are being worked on.' }),
    reason,
  })
  .meta({ id: 'WorkerReady' });
export type WorkerReady = z.infer<typeof WorkerReady>;

export const GatewayReady = z
  .object({
    ready,
    database: z
      .object({
        reachable: z.boolean().meta({ description: 'Whether it answers.' }),
        migrated: z.boolean().meta({ description: 'Whether its tables are those of this version.' }),
      })
      .meta({ description: 'What readiness depends on.' }),
    workers: z
      .array(z.object({ framework: workerFramework, url: workerUrl, ready, reason }))
      .meta({ description: 'For information: a worker that is away does not make the gateway unready.' }),
    reason,
  })
  .meta({ id: 'GatewayReady' });
export type GatewayReady = z.infer<typeof GatewayReady>;

export const modelStates = ['stored', 'loading', 'ready', 'refused', 'failing'] as const;

/** One checkpoint a worker holds. */
export const ModelEntry = z
  .object({
    name: z.string().nullable().meta({ description: 'Its name, where it is built into the worker.' }),
    sha256: z.string().meta({ description: 'SHA-256 of the checkpoint, lower-case hexadecimal.' }),
    bytes: z.int().meta({ description: 'Size of the file, bytes' }),
    framework,
    state: z
      .enum(modelStates)
      .meta({ description: 'stored: not loaded. ready: loaded. refused, failing: see `reason`.' }),
    reason: z.string().nullable().meta({ description: 'Why it is refused or failing.' }),
    family: z
      .string()
      .nullable()
      .meta({ description: 'How it is fed and read; null until a worker has looked into it.' }),
    task_type: TaskType.nullable().meta({ description: 'What it does; null until a worker has looked into it.' }),
    num_classes: z.int().nullable().meta({ description: 'Number of classes; null until a worker has looked into it.' }),
    children: z.int().meta({ description: 'Processes that have it loaded.' }),
    resident_bytes: z
      .int()
      .nullable()
      .meta({ description: 'Memory of these processes, bytes; null when there are none.' }),
    last_used_at: z.iso.datetime().nullable().meta({ description: 'When it answered last, UTC' }),
  })
  .meta({ id: 'ModelEntry' });
export type ModelEntry = z.infer<typeof ModelEntry>;

/** What a worker can run, built-in models first. */
export const WorkerModels = z
  .object({
    framework,
    families,
    models: z.array(ModelEntry).meta({ description: 'Built-in ones first, then what was put into its store.' }),
  })
  .meta({ id: 'WorkerModels' });
export type WorkerModels = z.infer<typeof WorkerModels>;

export const ModelsQuery = z.object({
  framework: Framework.optional().meta({ description: 'Only models of this framework. Default: all.' }),
  task_type: TaskType.optional().meta({ description: 'Only models of this task. Default: all.' }),
});
export type ModelsQuery = z.infer<typeof ModelsQuery>;

export const GatewayModels = z
  .object({
    models: z.array(ModelEntry).meta({ description: 'The models of all workers.' }),
    workers: z
      .array(
        z.object({
          framework: workerFramework,
          url: workerUrl,
          reachable: z.boolean().meta({ description: 'Whether it has answered; if not, its models are not listed.' }),
          families,
        }),
      )
      .meta({ description: 'All workers that are configured.' }),
  })
  .meta({ id: 'GatewayModels' });
export type GatewayModels = z.infer<typeof GatewayModels>;

/** Answer of a worker to a checkpoint put into its store. */
export const StoredCheckpoint = z
  .object({
    sha256: z.string().meta({ description: 'Its SHA-256, lower-case hexadecimal.' }),
    bytes: z.int().meta({ description: 'Size of the file, bytes' }),
    findings: CheckpointFindings,
    warnings: z.array(z.string()).meta({ description: 'What the caller should know although it can be run.' }),
  })
  .meta({ id: 'StoredCheckpoint' });
export type StoredCheckpoint = z.infer<typeof StoredCheckpoint>;
