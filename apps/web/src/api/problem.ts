import type { Problem } from '@lensgate/contracts';

/** What went wrong with a request, as far as it can be told. */
export type RequestFailure =
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** The chosen file cannot be read any more. */
  | { readonly kind: 'fileUnreadable' }
  /** The chosen file has nothing in it. */
  | { readonly kind: 'fileEmpty' }
  /** No answer at all: the server is away, or the network is. */
  | { readonly kind: 'unreachable' }
  /** A success in a form that the page does not know, of a gateway of another version for instance. */
  | { readonly kind: 'foreign' }
  /** An answer that is not one of ours, from a proxy for instance. */
  | { readonly kind: 'unreadable'; readonly status: number };

/** Whether the page shows it in words that came with it; for a missing key it has its own. */
export const isInWordsOfApi = (failure: RequestFailure): boolean =>
  failure.kind === 'problem' && failure.problem.code !== 'KEY_REQUIRED';

/** Reads the body of an answer that is not a success, or not the one that was asked for. */
export function failureOf(status: number, body: string): RequestFailure {
  const value = parsed(body) as Partial<Problem> | undefined;
  const isProblem = typeof value?.detail === 'string' && typeof value.code === 'string';
  if (isProblem) return { kind: 'problem', problem: value as Problem };
  return status === 200 && value !== undefined ? { kind: 'foreign' } : { kind: 'unreadable', status };
}

/** @returns undefined for what is not JSON */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body) ?? undefined;
  } catch {
    return undefined;
  }
}
