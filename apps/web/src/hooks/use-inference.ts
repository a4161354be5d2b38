import { useCallback, useEffect, useState } from 'react';
import type { RequestFailure } from '../api/problem.js';
import { type InferenceAnswer, type InferenceRequest, sendPicture } from '../api/send-picture.js';
import { useLanguage } from './use-language.js';

/** Where a request stands. */
export type Run =
  | { readonly state: 'idle' }
  | { readonly state: 'uploading'; readonly share: number }
  | { readonly state: 'waiting' }
  | { readonly state: 'answered'; readonly answer: InferenceAnswer }
  | { readonly state: 'failed'; readonly failure: RequestFailure };

export interface Inference {
  readonly run: Run;
  /** The newest answer, of whichever request; may be shown until the next one comes. */
  readonly latest: { readonly request: InferenceRequest; readonly answer: InferenceAnswer } | undefined;
  repeat(): void;
}

/**
 * Sends a request whenever it becomes another one, and breaks the one before off.
 * @param request null sends nothing
 */
export function useInference(request: InferenceRequest | null): Inference {
  const [known, setKnown] = useState<{ request: InferenceRequest; run: Run }>();
  const [latest, setLatest] = useState<Inference['latest']>();
  const [round, setRound] = useState(0);
  const { language } = useLanguage();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round sends the same request again, another language does not
  useEffect(() => {
    if (!request) return;
    const breakOff = new AbortController();
    const setRun = (run: Run) => {
      if (!breakOff.signal.aborted) setKnown({ request, run });
    };
    setRun({ state: 'uploading', share: 0 });
    void sendPicture(request, {
      language,
      onUploaded: (share) => setRun(share < 1 ? { state: 'uploading', share } : { state: 'waiting' }),
      signal: breakOff.signal,
    }).then((outcome) => {
      if (outcome.kind === 'failed') return setRun({ state: 'failed', failure: outcome.failure });
      setRun({ state: 'answered', answer: outcome.answer });
      if (!breakOff.signal.aborted) setLatest({ request, answer: outcome.answer });
    });
    return () => breakOff.abort();
  }, [request, round]);

  const repeat = useCallback(() => setRound((before) => before + 1), []);
  // What is known of another request says nothing about this one.
  const isKnown = known !== undefined && known.request === request;
  const run: Run = request === null ? { state: 'idle' } : isKnown ? known.run : { state: 'uploading', share: 0 };
  return { run, latest, repeat };
}
