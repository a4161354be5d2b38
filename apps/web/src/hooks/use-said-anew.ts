import { useEffect } from 'react';
import { isInWordsOfApi, type RequestFailure } from '../api/problem.js';
import { useLanguage } from './use-language.js';

/** Asks again when the page speaks another language: the API tells of a failure in the language of the request only. */
export function useSaidAnew(failure: RequestFailure | undefined, repeat: () => void): void {
  const { language } = useLanguage();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a failure alone asks for nothing
  useEffect(() => {
    if (failure && isInWordsOfApi(failure)) repeat();
  }, [language]);
}
