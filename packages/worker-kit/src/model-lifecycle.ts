import { type CheckpointFindings, type Failure, fail, type Words } from '@lensgate/contracts';

/** What a worker knows of a checkpoint that it holds. */
export type ModelState =
  | { readonly state: 'stored' }
  | { readonly state: 'loading'; readonly failures: number; readonly deaths: number }
  /** `deaths`: how many of its children ended over a picture since one was last answered. */
  | {
      readonly state: 'ready';
      readonly findings: CheckpointFindings;
      readonly warnings: readonly Words[];
      readonly deaths: number;
    }
  /** Not a model this worker can run: looking again would give the same answer. */
  | { readonly state: 'refused'; readonly failure: Failure }
  /** Its children ended while they loaded it, or one after the other over pictures; not tried again before a time. */
  | { readonly state: 'failing'; readonly failures: number; readonly deaths: number; readonly retryAtMs: number }
  /** Its children ended every time they loaded it; not tried again before somebody asks for it. */
  | { readonly state: 'stopped'; readonly failures: number; readonly failure: Failure };

export type ModelEvent =
  | { readonly type: 'load' }
  | { readonly type: 'loaded'; readonly findings: CheckpointFindings; readonly warnings: readonly Words[] }
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'load-crashed'; readonly nowMs: number }
  | { readonly type: 'run-crashed'; readonly nowMs: number }
  | { readonly type: 'answered' }
  | { readonly type: 'stored' };

const loadBackOffMsMin = 1_000;
const loadFailuresMax = 5;
/** Pictures are others' input: whoever sends bad ones must not shut a checkpoint down, only slow its reloading. */
const deathsBeforeBackOff = 3;
const runBackOffMsMin = 500;
const runBackOffMsMax = 10_000;

/**
 * The next state.
 * @throws Error for a move that makes no sense, which is a defect of ours
 */
export function nextModelState(current: ModelState, event: ModelEvent): ModelState {
  switch (event.type) {
    case 'stored':
      return { state: 'stored' };
    case 'load':
      if (current.state === 'refused' || current.state === 'stopped')
        throw new Error(`a ${current.state} checkpoint is not loaded again`);
      return { state: 'loading', ...troublesOf(current) };
    case 'loaded':
      return {
        state: 'ready',
        findings: event.findings,
        warnings: event.warnings,
        deaths: troublesOf(current).deaths,
      };
    case 'refused':
      return { state: 'refused', failure: event.failure };
    case 'load-crashed':
      return afterLoadCrash(troublesOf(current), event.nowMs);
    case 'run-crashed':
      return afterRunCrash(current, event.nowMs);
    case 'answered':
      return current.state === 'ready' && current.deaths > 0 ? { ...current, deaths: 0 } : current;
  }
}

function troublesOf(current: ModelState): { failures: number; deaths: number } {
  if (current.state === 'failing' || current.state === 'loading')
    return { failures: current.failures, deaths: current.deaths };
  return { failures: 0, deaths: current.state === 'ready' ? current.deaths : 0 };
}

function afterLoadCrash(before: { failures: number; deaths: number }, nowMs: number): ModelState {
  const failures = before.failures + 1;
  if (failures < loadFailuresMax) {
    const retryAtMs = nowMs + loadBackOffMsMin * 2 ** (failures - 1);
    return { state: 'failing', failures, deaths: before.deaths, retryAtMs };
  }
  const reason = {
    en: `Its process has ended ${failures} times while it was loaded. Upload or warm it to have it tried again.`,
    ko: `불러오는 중에 프로세스가 ${failures}번 종료되었습니다. 다시 시도하려면 업로드하거나 미리 불러오세요.`,
  };
  return { state: 'stopped', failures, failure: fail('CHECKPOINT_REFUSED', { reason }) };
}

function afterRunCrash(current: ModelState, nowMs: number): ModelState {
  if (current.state !== 'ready') return current;
  const deaths = current.deaths + 1;
  if (deaths < deathsBeforeBackOff) return { ...current, deaths };
  const backOffMs = Math.min(runBackOffMsMax, runBackOffMsMin * 2 ** (deaths - deathsBeforeBackOff));
  return { state: 'failing', failures: 0, deaths, retryAtMs: nowMs + backOffMs };
}
