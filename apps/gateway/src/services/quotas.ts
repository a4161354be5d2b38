import { LRUCache } from 'lru-cache';
import { decideQuota, type QuotaDecision } from './gcra.js';

export const quotaWindowMs = 60_000;

/**
 * What keys have left of their quotas, as this gateway has counted: an inference must not wait until a shared count has
 * been written. Behind a balancer a key therefore gets up to its quota from each gateway.
 */
export interface Quotas {
  /**
   * Takes units from a key's quota, all or none.
   * @param quotaPerMinute at least `units`
   * @param taken how many of the units this request has taken before; a refusal gives them back
   */
  take(keyId: string, request: { quotaPerMinute: number; units: number; taken: number }): QuotaDecision;
}

const keysMax = 100_000;

/** @param nowMs monotonic clock */
export function createQuotas({ nowMs }: { nowMs: () => number }): Quotas {
  // A key that was quiet for a window has its whole quota, which is what is assumed of one that is not here.
  const wholeAtMs = new LRUCache<string, number>({ max: keysMax });
  return {
    take(keyId, { quotaPerMinute, units, taken }) {
      const policy = { units: quotaPerMinute, windowMs: quotaWindowMs };
      const known = wholeAtMs.get(keyId);
      const before = known === undefined ? undefined : known - (taken * quotaWindowMs) / quotaPerMinute;
      const decision = decideQuota(before, { policy, cost: units, nowMs: nowMs() });
      wholeAtMs.set(keyId, decision.wholeAtMs);
      return decision;
    },
  };
}
