import { z } from 'zod';
import { CheckpointFindings } from './jobs.js';
import { Framework } from './tasks.js';

export const Health = z
  .object({ status: z.literal('ok'), service: z.string(), uptime_s: z.number() })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;

export const WorkerReady = z
  .object({
    ready: z.boolean(),
    framework: Framework,
    spares: z.int().meta({ description: 'Child processes that wait for a checkpoint.' }),
    children: z.int().meta({ description: 'Child processes that hold a checkpoint.' }),
    queued: z.int(),
    in_flight: z.int(),
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

/** Answer of a worker to a checkpoint put into its store. */
export const StoredCheckpoint = z
  .object({ sha256: z.string(), bytes: z.int(), findings: CheckpointFindings, warnings: z.array(z.string()) })
  .meta({ id: 'StoredCheckpoint' });
export type StoredCheckpoint = z.infer<typeof StoredCheckpoint>;
