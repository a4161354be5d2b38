import type { Language } from '@lensgate/contracts';
import { keyHeaders } from './key.js';
import { failureOf, parsed, type RequestFailure } from './problem.js';

export interface Asked {
  /** In which the API is to tell of problems. */
  readonly language: Language;
  readonly signal: AbortSignal;
}

export type Got<T> = { value: T; failure?: undefined } | { value?: undefined; failure: RequestFailure };

/**
 * Fetches a JSON document of the API.
 * @param isMeant tells whether it is of the shape that is wanted: another version of the gateway may answer otherwise
 * @throws when it was broken off
 */
export async function getJson<T>(
  url: string,
  isMeant: (value: unknown) => value is T,
  { language, signal }: Asked,
): Promise<Got<T>> {
  try {
    const response = await fetch(url, { headers: { ...keyHeaders(), 'accept-language': language }, signal });
    const body = await response.text();
    const value = parsed(body);
    if (!response.ok || !isMeant(value)) return { failure: failureOf(response.status, body) };
    return { value };
  } catch (error) {
    if (signal.aborted) throw error;
    return { failure: { kind: 'unreachable' } };
  }
}
