import { z } from 'zod';
import { CheckpointFindings } from './jobs.js';
import { Framework, TaskType } from './tasks.js';

export const Health = z
  .object({ status: z.literal('ok'), service: z.string(), uptime_s: z.number() })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;

/** What is taken from child processes, which decode pictures and run models; a part is missing where the system lacks it. */
export const ChildSandboxState = z
  .object({
    network: z.enum(['none', 'open']).meta({ description: '`none`: a child has no network interface at all.' }),
    permissions: z.enum(['narrow', 'open']).meta({
      description: "`narrow`: a child's JavaScript reads its own code and checkpoints, writes nothing, starts nothing.",
    }),
    privileges: z.enum(['dropped', 'kept']).meta({ description: '`dropped`: a child can gain no privilege.' }),
    limits: z.enum(['set', 'none']).meta({
      description: '`set`: a child writes no file, dumps no core, and opens few files.',
    }),
    reason: z.string().nullable().meta({ description: 'What is missing, and why.' }),
  })
  .meta({ id: 'ChildSandboxState' });
export type ChildSandboxState = z.infer<typeof ChildSandboxState>;

export const WorkerReady = z
  .object({
    ready: z.boolean(),
    framework: Framework,
    spares: z.int().meta({ description: 'Child processes that wait for a checkpoint.' }),
    children: z.int().meta({ description: 'Child processes that hold a checkpoint.' }),
    queued: z.int(),
    in_flight: z.int(),
    sandbox: ChildSandboxState,
    reason: z.string().nullable(),
  })
  .meta({ id: 'WorkerReady' });
export type WorkerReady = z.infer<typeof WorkerReady>;

export const GatewayReady = z
  .object({
    ready: z.boolean(),
    database: z.object({ reachable: z.boolean(), migrated: z.boolean() }),
    workers: z.array(
      z.object({ framework: z.string(), url: z.string(), ready: z.boolean(), reason: z.string().nullable() }),
    ),
    reason: z.string().nullable(),
  })
  .meta({ id: 'GatewayReady' });
export type GatewayReady = z.infer<typeof GatewayReady>;

export const modelStates = ['stored', 'loading', 'ready', 'refused', 'failing', 'stopped'] as const;

/** One checkpoint a worker holds. */
export const ModelEntry = z
  .object({
    name: z.string().nullable().meta({ description: 'Its name, where it is built into the worker.' }),
    sha256: z.string(),
    bytes: z.int(),
    framework: Framework,
    state: z.enum(modelStates),
    reason: z.string().nullable(),
    family: z.string().nullable(),
    task_type: TaskType.nullable(),
    num_classes: z.int().nullable(),
    children: z.int(),
    resident_bytes: z.int().nullable(),
    last_used_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ModelEntry' });
export type ModelEntry = z.infer<typeof ModelEntry>;

/** What a worker can run, built-in models first. */
export const WorkerModels = z
  .object({
    framework: Framework,
    families: z.array(z.object({ name: z.string(), task_type: TaskType })),
    models: z.array(ModelEntry),
  })
  .meta({ id: 'WorkerModels' });
export type WorkerModels = z.infer<typeof WorkerModels>;

export const ModelsQuery = z.object({ framework: Framework.optional(), task_type: TaskType.optional() });
export type ModelsQuery = z.infer<typeof ModelsQuery>;

export const GatewayModels = z
  .object({
    models: z.array(ModelEntry),
    workers: z.array(
      z.object({
        framework: z.string(),
        url: z.string(),
        reachable: z.boolean(),
        families: z.array(z.object({ name: z.string(), task_type: TaskType })),
      }),
    ),
  })
  .meta({ id: 'GatewayModels' });
export type GatewayModels = z.infer<typeof GatewayModels>;

/** Answer of a worker to a checkpoint put into its store. */
export const StoredCheckpoint = z
  .object({ sha256: z.string(), bytes: z.int(), findings: CheckpointFindings, warnings: z.array(z.string()) })
  .meta({ id: 'StoredCheckpoint' });
export type StoredCheckpoint = z.infer<typeof StoredCheckpoint>;
