import { randomUUID } from 'node:crypto';

const sane = /^[\w.:-]{1,128}$/;

/** The id of a request: the caller's own when it is short and plain (it goes into logs), else a new one. */
export function requestIdOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && sane.test(header) ? header : randomUUID();
}
