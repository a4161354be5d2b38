import { fail, fieldFault } from '@lensgate/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Quotas, quotaWindowMs } from '../services/quotas.js';

/** Whole seconds, rounded up; what sums of fractions have added is not a second more. */
const seconds = (ms: number): number => Math.ceil(ms / 1_000 - 1e-6);

/**
 * Takes units from the quota of the caller's key, all or none, and says in the answer's headers what is left
 * (draft-ietf-httpapi-ratelimit-headers-10: `q` units in a window of `w` seconds; `r` are left, all are back in `t`).
 * @param units 0: only says what is left
 * @param taken how many of them this request has taken before
 * @throws QUOTA; FIELD_INVALID for more pictures than the key may ever send at one time
 */
export function takeQuota(
  { request, reply, quotas }: { request: FastifyRequest; reply: FastifyReply; quotas: Quotas },
  { units, taken = 0 }: { units: number; taken?: number },
): void {
  const { principal } = request;
  if (principal?.kind !== 'key' || principal.quotaPerMinute === null) return;
  const limit = principal.quotaPerMinute;
  const isTooMany = units > limit;
  const { isAllowed, remaining, wholeInMs, retryInMs } = quotas.take(principal.keyId, {
    quotaPerMinute: limit,
    // What can never be allowed costs nothing, and gives back what was taken for it.
    units: isTooMany ? 0 : units,
    taken,
  });
  reply.header('ratelimit-policy', `"default";q=${limit};w=${seconds(quotaWindowMs)}`);
  reply.header('ratelimit', `"default";r=${remaining};t=${seconds(wholeInMs)}`);
  if (isTooMany) throw tooManyAtOnce(limit);
  if (isAllowed) return;
  const retryAfterS = Math.max(1, seconds(retryInMs));
  throw fail('QUOTA', { limit, remaining, units, retry_after_s: retryAfterS }, { retryAfterS });
}

const tooManyAtOnce = (limit: number) =>
  fieldFault('files', {
    en: `must not be more pictures than this key may send in a minute (${limit})`,
    ko: `이 키로 1분에 보낼 수 있는 이미지 수(${limit})를 넘을 수 없습니다`,
  });
