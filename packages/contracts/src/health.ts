import { z } from 'zod';
import { CheckpointFindings } from './jobs.js';
import { workerFields } from './worker-fields.js';

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
    ready,
    framework: workerFields.framework,
    spares: z.int().meta({ description: 'Child processes that wait for a checkpoint.' }),
    children: z.int().meta({ description: 'Child processes that hold a checkpoint.' }),
    queued: z.int().meta({ description: 'Pictures that wait.' }),
    in_flight: z.int().meta({ description: 'Pictures that are being worked on.' }),
    sandbox: ChildSandboxState,
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
      .array(z.object({ framework: workerFields.group, url: workerFields.url, ready, reason }))
      .meta({ description: 'For information: a worker that is away does not make the gateway unready.' }),
    reason,
  })
  .meta({ id: 'GatewayReady' });
export type GatewayReady = z.infer<typeof GatewayReady>;

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
