import { type Asked, getJson } from './get-json.js';
import { jobsUrl } from './list-jobs.js';
import { isCheckpointList } from './shapes.js';

/** The class names in the files of a job's checkpoints, by SHA-256; null where a file has none. */
export type CheckpointNames = ReadonlyMap<string, readonly string[] | null>;

/** @returns none where the gateway does not tell: nothing but colours rests on them */
export async function checkpointNames(jobId: number, asked: Asked): Promise<CheckpointNames> {
  const { value } = await getJson(`${jobsUrl}/${jobId}/checkpoints`, isCheckpointList, asked);
  return new Map(value?.checkpoints.map(({ sha256, findings }) => [sha256, findings?.class_names ?? null]));
}
