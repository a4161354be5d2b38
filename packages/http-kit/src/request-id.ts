import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const sane = /^[\w.:-]{1,128}$/;

/** The id of a request: the caller's own when it is short and plain (it goes into logs), else a new one. */
export function requestIdOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && sane.test(header) ? header : randomUUID();
}

const known = new WeakMap<IncomingMessage, string>();

/** The id of a request as it came: the same one whenever it is asked for, also where no route has seen the request. */
export function requestIdFor(incoming: IncomingMessage): string {
  const id = known.get(incoming) ?? requestIdOf(incoming.headers['x-request-id']);
  known.set(incoming, id);
  return id;
}
