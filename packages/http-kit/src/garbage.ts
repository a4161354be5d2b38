import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's own collections, each done when the call returns. */
export interface GarbageCollector {
  /** Of what is new only: below a millisecond. */
  readonly collectNew: () => void;
  /** Of everything: tens of milliseconds in a service. */
  readonly collectAll: () => void;
}

/** They are not reachable without a flag: only a context made while it is set has them. */
export function garbageCollector(): GarbageCollector {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  // V8 11 takes every options object for a wish for a minor collection.
  return { collectNew: () => gc({ type: 'minor' }), collectAll: () => gc() };
}
