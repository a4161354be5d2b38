import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FastifyInstance } from 'fastify';

export interface CollectWhenIdleOptions {
  /** How long nothing may have been under way. */
  readonly restMs: number;
  /** Growth that is worth the pause of a collection, tens of milliseconds. */
  readonly grownBytes?: number;
}

/**
 * Collects the garbage of a service's last requests when it has had nothing to do for a while. Since the heap may grow
 * freely (`collectionFlags`), an idle service would otherwise hold up to 64 MB of pictures that are long answered.
 * V8 then also throws away most code that it has compiled, so this is for a rest that is longer than a user's thought.
 *
 * The metric `heap_grown_bytes` says by how much the heap, unused pages included, and its buffers have grown since.
 */
export function collectWhenIdle(
  { lifecycle, metrics }: FastifyInstance,
  { restMs, grownBytes = 8 * 1024 ** 2 }: CollectWhenIdleOptions,
): void {
  const collect = collector();
  let before = heldBytes();
  const grown = () => {
    const now = heldBytes();
    // V8 has collected by itself.
    before = Math.min(before, now);
    return now - before;
  };
  const timer = setTimeout(() => {
    if (lifecycle.inFlight > 0 || grown() < grownBytes) return;
    collect();
    before = heldBytes();
  }, restMs).unref();
  lifecycle.onIdle(() => timer.refresh());
  metrics.gauge('heap_grown_bytes', 'Growth of the heap and its buffers since the last collection at rest.', grown);
}

/** All that V8 has of the system for the heap, used or not, and for buffers. */
function heldBytes(): number {
  const { heapTotal, external } = memoryUsage();
  return heapTotal + external;
}

/**
 * V8's own collection, which is not reachable without a flag: only a context made while it is set has it. Pages that are
 * nearly empty are joined, or the system would get few of them back.
 */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return () => {
    setFlagsFromString('--compact-on-every-full-gc');
    collect();
    setFlagsFromString('--no-compact-on-every-full-gc');
  };
}
