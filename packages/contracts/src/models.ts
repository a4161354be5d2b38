import { z } from 'zod';
import { Problem } from './problem.js';
import { Framework, TaskType } from './tasks.js';

export const modelStates = ['stored', 'loading', 'ready', 'refused', 'failing', 'stopped'] as const;

/** What a worker holds of a checkpoint in memory, measured when it was asked. */
const held = {
  children: z.int().meta({ description: 'Processes that hold it.' }),
  memory_bytes: z.int().nullable().meta({ description: 'Resident memory of these processes; null without any.' }),
  load_ms: z.number().nullable().meta({ description: 'What the last load took, its test picture included.' }),
  requests: z.int().meta({ description: 'Pictures it has run since the worker has started or got it.' }),
  last_used_at: z.iso.datetime().nullable().meta({ description: 'When a picture last ran; null before the first.' }),
  pinned: z.boolean().meta({ description: 'Whether it is kept loaded.' }),
};

/** One checkpoint a worker holds. */
export const ModelEntry = z
  .object({
    name: z.string().nullable().meta({ description: 'Its name, where it is built into the worker.' }),
    sha256: z.string(),
    bytes: z.int(),
    framework: Framework,
    state: z.enum(modelStates).meta({ description: '`ready`: loaded; `stored`: on the disk only.' }),
    reason: z.string().nullable().meta({ description: 'Why it could not be loaded.' }),
    family: z.string().nullable(),
    task_type: TaskType.nullable(),
    num_classes: z.int().nullable(),
    ...held,
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

const OfferedModel = ModelEntry.extend({ worker: z.string().meta({ description: 'URL of the worker.' }) }).meta({
  id: 'OfferedModel',
});

export const GatewayModels = z
  .object({
    models: z.array(OfferedModel),
    workers: z.array(
      z.object({
        framework: z.string(),
        url: z.string(),
        reachable: z.boolean(),
        reason: z.string().nullable().meta({ description: 'Why it is not listed; null when it is.' }),
        families: z.array(z.object({ name: z.string(), task_type: TaskType })),
      }),
    ),
  })
  .meta({ id: 'GatewayModels' });
export type GatewayModels = z.infer<typeof GatewayModels>;

export const replicaStates = [...modelStates, 'absent', 'unreachable'] as const;

const replicaFields = {
  worker: z.string().meta({ description: 'URL of the worker.' }),
  state: z.enum(replicaStates).meta({ description: '`absent`: the worker does not hold the file.' }),
  warm: z.boolean().meta({ description: 'Whether the next picture finds it loaded.' }),
  reason: z.string().nullable().meta({ description: 'Why it could not be loaded, or asked.' }),
  ...held,
};

/** How one worker holds a checkpoint of a job. */
export const ReplicaState = z.object(replicaFields).meta({ id: 'ReplicaState' });
export type ReplicaState = z.infer<typeof ReplicaState>;

/** What became of a warm or an unload on one worker. */
export const ReplicaOutcome = z
  .object({ ...replicaFields, problem: Problem.nullable().meta({ description: 'Why it was not done there.' }) })
  .meta({ id: 'ReplicaOutcome' });
export type ReplicaOutcome = z.infer<typeof ReplicaOutcome>;

/** Done on at least one worker; what became of it on each. */
export const ServingChange = z
  .object({ checkpoint_id: z.string(), sha256: z.string(), replicas: z.array(ReplicaOutcome) })
  .meta({ id: 'ServingChange' });
export type ServingChange = z.infer<typeof ServingChange>;
