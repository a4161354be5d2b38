import type { TrainingJob } from '@lensgate/contracts';
import { type Asked, getJson } from './get-json.js';
import type { RequestFailure } from './problem.js';
import { isJob, isJobList } from './shapes.js';

export const jobsUrl = '/api/v1/training/jobs';
const pagesMax = 10;

export type JobsAnswer =
  | { readonly kind: 'jobs'; readonly jobs: readonly TrainingJob[] }
  | { readonly kind: 'failed'; readonly failure: RequestFailure };

/**
 * The training jobs to choose from: the first thousand, and the one that is wanted when it is not among them.
 * @param wantedId of the page's address
 */
export async function listJobs(wantedId: number | undefined, asked: Asked): Promise<JobsAnswer> {
  const jobs: TrainingJob[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const list = await getJson(`${jobsUrl}?limit=100${query}`, isJobList, asked);
    if (list.failure) return { kind: 'failed', failure: list.failure };
    jobs.push(...list.value.jobs);
    cursor = list.value.next_cursor ?? null;
    if (cursor === null) break;
  }
  if (wantedId !== undefined && !jobs.some(({ id }) => id === wantedId)) {
    const wanted = await getJson(`${jobsUrl}/${wantedId}`, isJob, asked);
    if (wanted.value) jobs.push(wanted.value);
  }
  return { kind: 'jobs', jobs: jobs.sort((a, b) => a.id - b.id) };
}
