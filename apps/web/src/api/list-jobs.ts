import type { Language, TrainingJob, TrainingJobList } from '@lensgate/contracts';
import { keyHeaders } from './key.js';
import { failureOf, parsed, type RequestFailure } from './problem.js';

const jobsUrl = '/api/v1/training/jobs';
const pagesMax = 10;

interface Asked {
  /** In which the API is to tell of problems. */
  readonly language: Language;
  readonly signal: AbortSignal;
}

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
    const list = await get<TrainingJobList>(`${jobsUrl}?limit=100${query}`, asked);
    if (list.failure) return { kind: 'failed', failure: list.failure };
    jobs.push(...list.value.jobs);
    cursor = list.value.next_cursor;
    if (cursor === null) break;
  }
  if (wantedId !== undefined && !jobs.some(({ id }) => id === wantedId)) {
    const wanted = await get<TrainingJob>(`${jobsUrl}/${wantedId}`, asked);
    if (wanted.value) jobs.push(wanted.value);
  }
  return { kind: 'jobs', jobs: jobs.sort((a, b) => a.id - b.id) };
}

type Got<T> = { value: T; failure?: undefined } | { value?: undefined; failure: RequestFailure };

async function get<T>(url: string, { language, signal }: Asked): Promise<Got<T>> {
  try {
    const response = await fetch(url, { headers: { ...keyHeaders(), 'accept-language': language }, signal });
    const body = await response.text();
    const value = parsed(body);
    if (!response.ok || value === undefined) return { failure: failureOf(response.status, body) };
    return { value: value as T };
  } catch (error) {
    if (signal.aborted) throw error;
    return { failure: { kind: 'unreachable' } };
  }
}
