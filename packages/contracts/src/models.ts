import { z } from 'zod';
import { Problem } from './problem.js';
import { Framework, TaskType } from './tasks.js';
import { workerFields } from './worker-fields.js';

export const modelStates = ['stored', 'loading', 'ready', 'refused', 'failing', 'stopped'] as const;

const sha256 = z.string().meta({ description: 'SHA-256 of the checkpoint, lower-case hexadecimal.' });

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
    sha256,
    bytes: z.int().meta({ description: 'Size of the file, bytes' }),
    framework: workerFields.framework,
    state: z.enum(modelStates).meta({
      description:
        '`ready`: loaded; `stored`: on the disk only; `refused`: cannot be run; `failing`: will be tried again; `stopped`: not before somebody asks.',
    }),
    reason: z.string().nullable().meta({ description: 'Why it could not be loaded.' }),
    family: z
      .string()
      .nullable()
      .meta({ description: 'How it is fed and read; null until a worker has looked into it.' }),
    task_type: TaskType.nullable().meta({ description: 'What it does; null until a worker has looked into it.' }),
    num_classes: z.int().nullable().meta({ description: 'Number of classes; null until a worker has looked into it.' }),
    ...held,
  })
  .meta({ id: 'ModelEntry' });
export type ModelEntry = z.infer<typeof ModelEntry>;

/** What a worker can run, built-in models first. */
export const WorkerModels = z
  .object({
    framework: workerFields.framework,
    families: workerFields.families,
    models: z.array(ModelEntry).meta({ description: 'Built-in ones first, then what was put into its store.' }),
  })
  .meta({ id: 'WorkerModels' });
export type WorkerModels = z.infer<typeof WorkerModels>;

export const ModelsQuery = z.object({
  framework: Framework.optional().meta({ description: 'Only models of this framework. Default: all.' }),
  task_type: TaskType.optional().meta({ description: 'Only models of this task. Default: all.' }),
});
export type ModelsQuery = z.infer<typeof ModelsQuery>;

const OfferedModel = ModelEntry.extend({ worker: z.string().meta({ description: 'URL of the worker.' }) }).meta({
  id: 'OfferedModel',
});

export const GatewayModels = z
  .object({
    models: z.array(OfferedModel).meta({ description: 'The models of all workers.' }),
    workers: z
      .array(
        z.object({
          framework: workerFields.group,
          url: workerFields.url,
          reachable: z.boolean().meta({ description: 'Whether it has answered; if not, its models are not listed.' }),
          reason: z.string().nullable().meta({ description: 'Why it has not answered; null when it has.' }),
          families: workerFields.families,
        }),
      )
      .meta({ description: 'All workers that are configured.' }),
  })
  .meta({ id: 'GatewayModels' });
export type GatewayModels = z.infer<typeof GatewayModels>;

export const replicaStates = [...modelStates, 'absent', 'unreachable'] as const;

const replicaFields = {
  worker: z.string().meta({ description: 'URL of the worker.' }),
  state: z.enum(replicaStates).meta({
    description: 'As of a model; `absent`: the worker does not hold the file; `unreachable`: it has not answered.',
  }),
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
  .object({
    checkpoint_id: z.string().meta({ description: 'The `id` of the checkpoint.' }),
    sha256,
    replicas: z.array(ReplicaOutcome).meta({ description: 'How each worker holds it now.' }),
  })
  .meta({ id: 'ServingChange' });
export type ServingChange = z.infer<typeof ServingChange>;
