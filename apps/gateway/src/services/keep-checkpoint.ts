import { type CheckpointMetadata, Failure, fail } from '@lensgate/contracts';
import type { GatewayParts } from '../gateway-parts.js';
import {
  type CheckpointRow,
  createCheckpoint,
  findCheckpointByDigest,
  setInspection,
} from '../store/checkpoint-rows.js';
import type { CheckpointDraft } from '../store/checkpoint-store.js';
import type { Job } from '../store/job-store.js';
import { StoreError } from '../store/store-error.js';
import type { Viewer } from '../store/viewer.js';
import { inspectCheckpoint } from './inspect-checkpoint.js';

export interface NewUpload {
  readonly job: Job;
  readonly draft: CheckpointDraft;
  readonly filename: string;
  readonly metadata: CheckpointMetadata | undefined;
  readonly requestId: string;
  readonly viewer: Viewer;
}

export interface Kept {
  readonly row: CheckpointRow;
  /** `known`: the job had it, with these bytes, and a worker had accepted it. */
  readonly outcome: 'known' | 'accepted' | 'pending';
  /** Why no worker has looked into it yet. */
  readonly note?: string;
}

/**
 * Keeps an uploaded checkpoint under its digest and lets a worker look into it. The same bytes for the same job are the
 * same checkpoint; one that was refused or not looked into yet is looked into anew.
 * @throws JOB_NOT_FOUND, and a worker's refusal (424)
 */
export async function keepCheckpoint(parts: GatewayParts, upload: NewUpload): Promise<Kept> {
  const { job, draft, requestId } = upload;
  const row = await parts.digests.run(draft.sha256, async () => {
    await draft.keep();
    return rowFor(parts, upload);
  });
  parts.jobs.forget(job.id);
  if (row.status === 'accepted') return { row, outcome: 'known' };
  try {
    const inspected = await inspectCheckpoint(parts, { job, row, requestId });
    if (inspected.kind === 'refused') throw inspected.failure;
    if (inspected.kind === 'accepted') return { row: inspected.row, outcome: 'accepted' };
    return { row, outcome: 'pending', note: noteOf(inspected.failure) };
  } catch (error) {
    if (isUnreachable(error)) return { row, outcome: 'pending', note: noteOf(error) };
    throw error;
  }
}

const noteOf = ({ message }: Failure): string => `No worker has looked into it yet; its first use will. ${message}`;

async function rowFor({ database }: GatewayParts, upload: NewUpload): Promise<CheckpointRow> {
  const { job, draft, filename, metadata } = upload;
  const { sha256, bytes } = draft;
  const known = await findCheckpointByDigest(database, { jobId: job.id, sha256 });
  if (known?.status === 'refused') {
    // It has its bytes again and counts as not looked into.
    const key = { jobId: job.id, id: known.id };
    return (await setInspection(database, key, { status: 'pending', findings: null, warnings: [] })) ?? known;
  }
  if (known) return known;
  try {
    const checkpoint = {
      jobId: job.id,
      filename,
      sha256,
      bytes,
      isBest: metadata?.is_best ?? false,
      epoch: metadata?.epoch ?? null,
      metadata: metadata ? JSON.parse(JSON.stringify(metadata)) : null,
    };
    return await createCheckpoint(database, checkpoint, upload.viewer);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'JOB_NOT_FOUND') throw fail('JOB_NOT_FOUND', { job_id: job.id });
    throw error;
  }
}

const isUnreachable = (error: unknown): error is Failure =>
  error instanceof Failure && (error.code === 'WORKER_UNREACHABLE' || error.code === 'WORKER_PROTOCOL');
