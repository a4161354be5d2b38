import { isDeepStrictEqual } from 'node:util';
import { type CheckpointMetadata, detailOf, Failure, fail, type Words } from '@lensgate/contracts';
import type { GatewayParts } from '../gateway-parts.js';
import {
  type CheckpointRow,
  createCheckpoint,
  findCheckpointByDigest,
  type Inspection,
  patchCheckpoint,
  setInspection,
} from '../store/checkpoint-rows.js';
import type { CheckpointDraft } from '../store/checkpoint-store.js';
import type { Job } from '../store/job-store.js';
import { StoreError } from '../store/store-error.js';
import type { Viewer } from '../store/viewer.js';
import type { Asker } from '../workers/checkpoint-push.js';
import { inspectCheckpoint, warmEverywhere } from './inspect-checkpoint.js';
import { releaseBytes } from './release-bytes.js';

export interface NewUpload {
  readonly job: Job;
  readonly draft: CheckpointDraft;
  readonly filename: string;
  readonly metadata: CheckpointMetadata | undefined;
  readonly asker: Asker;
  readonly viewer: Viewer;
}

export interface Kept {
  readonly row: CheckpointRow;
  /** `known`: the job had it, with these bytes, and a worker had accepted it. */
  readonly outcome: 'known' | 'accepted' | 'pending';
  /** Why no worker has looked into it yet. */
  readonly note?: Words;
}

/**
 * Keeps an uploaded checkpoint under its digest and lets a worker look into it. The same bytes for the same job are the
 * same checkpoint, which takes over what is said of it now; one that was refused or not looked into yet is looked into
 * anew.
 * @throws JOB_NOT_FOUND, and a worker's refusal (424)
 */
export async function keepCheckpoint(parts: GatewayParts, upload: NewUpload): Promise<Kept> {
  const { job, asker } = upload;
  const row = await keptRow(parts, upload);
  parts.jobs.forget(job.id);
  if (row.status === 'accepted') return renewAccepted(parts, upload, row);
  try {
    const inspected = await inspectCheckpoint(parts, { job, row, asker });
    if (inspected.kind === 'refused') throw inspected.failure;
    if (inspected.kind === 'accepted') return { row: inspected.row, outcome: 'accepted' };
    return { row, outcome: 'pending', note: noteOf(inspected.failure) };
  } catch (error) {
    if (isUnreachable(error)) return { row, outcome: 'pending', note: noteOf(error) };
    throw error;
  }
}

/** The bytes under their digest and the row that speaks of them, or neither. */
async function keptRow(parts: GatewayParts, upload: NewUpload): Promise<CheckpointRow> {
  const { draft } = upload;
  let row: CheckpointRow;
  try {
    await draft.stage();
    row = await rowFor(parts, upload);
  } catch (error) {
    // A lost connection does not tell whether the row was made after all. What cannot be tidied now is at the next sweep.
    await draft
      .keep()
      .then(() => releaseBytes(parts, draft.sha256))
      .catch(() => undefined);
    throw error;
  }
  await draft.keep();
  return row;
}

/** What is said of a checkpoint that runs already: it may become the best, but is not read in another way than before. */
async function renewAccepted(parts: GatewayParts, upload: NewUpload, row: CheckpointRow): Promise<Kept> {
  const { job, metadata, asker, viewer } = upload;
  if (!metadata) return { row, outcome: 'known' };
  const { is_best: isBest, epoch, ...rest } = metadata;
  // Pictures of the job go to it from now on: no worker is to meet it cold.
  if (isBest && !row.isBest) await warmEverywhere(parts, { job, row, asker });
  const key = { jobId: job.id, id: row.id };
  const isChanged = isBest !== undefined || epoch !== undefined;
  const changed = isChanged ? await patchCheckpoint(parts.database, key, { isBest, epoch }, viewer) : row;
  parts.jobs.forget(job.id);
  const isLeftOut = Object.entries(rest).some(([name, value]) => !isDeepStrictEqual(value, saidBefore(row, name)));
  return { row: changed ?? row, outcome: 'known', ...(isLeftOut ? { note: knownBefore } : {}) };
}

const knownBefore = {
  en: 'The job had this checkpoint already: only is_best and epoch were taken over. Delete it first to change what else is said of it.',
  ko: '이 학습 작업에 이미 있는 체크포인트입니다. is_best와 epoch만 반영했습니다. 나머지를 바꾸려면 먼저 삭제하세요.',
};
const saidBefore = ({ metadata }: CheckpointRow, name: string): unknown =>
  (metadata as Record<string, unknown> | null)?.[name];

const noteOf = ({ code, params }: Failure): Words => ({
  en: `No worker has looked into it yet; its first use will. ${detailOf(code, params, 'en')}`,
  ko: `아직 어느 워커도 확인하지 못했습니다. 처음 사용할 때 확인합니다. ${detailOf(code, params, 'ko')}`,
});

async function rowFor(parts: GatewayParts, upload: NewUpload): Promise<CheckpointRow> {
  const { database } = parts;
  const { job, draft, filename, metadata } = upload;
  const { sha256, bytes } = draft;
  const known = await findCheckpointByDigest(database, { jobId: job.id, sha256 });
  if (known?.status === 'accepted') return known;
  const saved = metadata ? JSON.parse(JSON.stringify(metadata)) : null;
  if (known) {
    const key = { jobId: job.id, id: known.id };
    // It has its bytes again and counts as not looked into.
    const unseen: Inspection = { status: 'pending', findings: null, warnings: [] };
    const row = known.status === 'refused' ? await setInspection(database, key, unseen) : known;
    if (!metadata) return row ?? known;
    const renewed = { isBest: metadata.is_best, epoch: metadata.epoch, metadata: saved };
    return (await patchCheckpoint(database, key, renewed, upload.viewer)) ?? row ?? known;
  }
  try {
    const checkpoint = {
      jobId: job.id,
      filename,
      sha256,
      bytes,
      isBest: metadata?.is_best ?? false,
      epoch: metadata?.epoch ?? null,
      metadata: saved,
    };
    return await createCheckpoint(database, checkpoint, upload.viewer);
  } catch (error) {
    // Another gateway has made its row since we looked: now it is a known one.
    if (error instanceof StoreError && error.code === 'CHECKPOINT_EXISTS') return rowFor(parts, upload);
    if (error instanceof StoreError && error.code === 'JOB_NOT_FOUND') throw fail('JOB_NOT_FOUND', { job_id: job.id });
    throw error;
  }
}

const isUnreachable = (error: unknown): error is Failure =>
  error instanceof Failure && (error.code === 'WORKER_UNREACHABLE' || error.code === 'WORKER_PROTOCOL');
