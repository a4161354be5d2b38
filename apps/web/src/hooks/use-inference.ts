import { useCallback, useEffect, useRef, useState } from 'react';
import type { RequestFailure } from '../api/problem.js';
import { type InferenceAnswer, type InferenceRequest, sendPicture } from '../api/send-picture.js';
import { useLanguage } from './use-language.js';
import { useSaidAnew } from './use-said-anew.js';

/** Where a request stands. */
export type Run =
  | { readonly state: 'idle' }
  | { readonly state: 'uploading'; readonly share: number }
  | { readonly state: 'waiting' }
  /** Broken off by hand. */
  | { readonly state: 'cancelled' }
  | { readonly state: 'answered'; readonly answer: InferenceAnswer }
  | { readonly state: 'failed'; readonly failure: RequestFailure };

export interface Inference {
  readonly run: Run;
  /** The newest answer, of whichever request; may be shown until the next one comes. */
  readonly latest: { readonly request: InferenceRequest; readonly answer: InferenceAnswer } | undefined;
  repeat(): void;
  /** Breaks off what is under way; the server then drops it, too. */
  cancel(): void;
}

/**
 * Sends a request whenever it becomes another one, and breaks the one before off.
 * @param request null sends nothing
 */
export function useInference(request: InferenceRequest | null): Inference {
  const [known, setKnown] = useState<{ request: InferenceRequest; run: Run }>();
  const [latest, setLatest] = useState<Inference['latest']>();
  const [round, setRound] = useState(0);
  const underWay = useRef<AbortController>(undefined);
  const { language } = useLanguage();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round sends the same request again, another language does not
  useEffect(() => {
    if (!request) return;
    const breakOff = new AbortController();
    underWay.current = breakOff;
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
  const cancel = useCallback(() => {
    underWay.current?.abort();
    if (request) setKnown({ request, run: { state: 'cancelled' } });
  }, [request]);
  // What is known of another request says nothing about this one.
  const isKnown = known !== undefined && known.request === request;
  const run: Run = request === null ? { state: 'idle' } : isKnown ? known.run : { state: 'uploading', share: 0 };
  useSaidAnew(run.state === 'failed' ? run.failure : undefined, repeat);
  return { run, latest, repeat, cancel };
}
