import type { TrainingJob } from '@lensgate/contracts';
import { useCallback, useEffect, useState } from 'react';
import { type JobsAnswer, listJobs } from '../api/list-jobs.js';
import { useLanguage } from './use-language.js';
import { useSaidAnew } from './use-said-anew.js';

/** Of the demo jobs the one to begin with. */
const firstJobId = 20;

function jobIdOfAddress(): number | undefined {
  const text = new URLSearchParams(window.location.search).get('job') ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function showInAddress(jobId: number): void {
  const address = new URL(window.location.href);
  address.searchParams.set('job', String(jobId));
  window.history.replaceState(null, '', address);
}

export interface Jobs {
  /** Undefined while they are being fetched. */
  readonly answer: JobsAnswer | undefined;
  readonly chosen: TrainingJob | undefined;
  /** The job of the page's address, when there is none of that id. */
  readonly missingId: number | undefined;
  choose(jobId: number): void;
  repeat(): void;
}

/** The training jobs and the chosen one, which the page's address names. */
export function useJobs(): Jobs {
  const [answer, setAnswer] = useState<JobsAnswer>();
  const [wantedId, setWantedId] = useState(jobIdOfAddress);
  const [round, setRound] = useState(0);
  const { language } = useLanguage();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round fetches again, another language does not
  useEffect(() => {
    const breakOff = new AbortController();
    setAnswer(undefined);
    listJobs(jobIdOfAddress(), { language, signal: breakOff.signal }).then(setAnswer, () => {});
    return () => breakOff.abort();
  }, [round]);

  const repeat = useCallback(() => setRound((before) => before + 1), []);
  useSaidAnew(answer?.kind === 'failed' ? answer.failure : undefined, repeat);

  const choose = useCallback((jobId: number) => {
    setWantedId(jobId);
    showInAddress(jobId);
  }, []);
  const jobs = answer?.kind === 'jobs' ? answer.jobs : [];
  const byId = (wanted: number | undefined) => jobs.find(({ id }) => id === wanted);
  const isMissing = jobs.length > 0 && wantedId !== undefined && !byId(wantedId);
  return {
    answer,
    chosen: isMissing ? undefined : (byId(wantedId) ?? byId(firstJobId) ?? jobs[0]),
    missingId: isMissing ? wantedId : undefined,
    choose,
    repeat,
  };
}
