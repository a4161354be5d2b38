/** So many units in a window; they come back evenly over it. */
export interface QuotaPolicy {
  /** 1 or more. */
  readonly units: number;
  readonly windowMs: number;
}

export interface QuotaDecision {
  readonly isAllowed: boolean;
  /** What to remember for the next decision: when the quota is whole again. */
  readonly wholeAtMs: number;
  /** Whole units that are left. */
  readonly remaining: number;
  /** How long until the quota is whole again. */
  readonly wholeInMs: number;
  /** How long until this request would be allowed; 0 for one that is. */
  readonly retryInMs: number;
}

/** Sums of fractions of a window must not lose a unit. */
const roundingMs = 1e-6;

/**
 * Decides over a request that costs some units, by the generic cell rate algorithm (ITU-T I.371, as a virtual schedule):
 * one number per caller, no timers, and no moment at which everybody's quota comes back at once. A caller that was quiet
 * may spend the whole quota in one go and then goes on at its rate.
 * @param wholeAtMs as the decision before has told; undefined for a caller that was not seen
 * @param cost units, at most those of the policy: more could never be allowed
 */
export function decideQuota(
  wholeAtMs: number | undefined,
  { policy, cost, nowMs }: { policy: QuotaPolicy; cost: number; nowMs: number },
): QuotaDecision {
  const unitMs = policy.windowMs / policy.units;
  const before = Math.max(wholeAtMs ?? nowMs, nowMs);
  const after = before + cost * unitMs;
  const retryInMs = Math.max(0, after - policy.windowMs - nowMs);
  const isAllowed = retryInMs <= roundingMs;
  const kept = isAllowed ? after : before;
  return {
    isAllowed,
    wholeAtMs: kept,
    remaining: Math.max(0, Math.floor((policy.windowMs - (kept - nowMs) + roundingMs) / unitMs)),
    wholeInMs: kept - nowMs,
    retryInMs: isAllowed ? 0 : retryInMs,
  };
}
