import {
  type Failure,
  fail,
  gatewayAccess,
  gatewayRoutes,
  type RouteAccess,
  type RouteNeed,
} from '@lensgate/contracts';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { isSameSecret } from '../services/api-key.js';
import type { KeyBook } from '../services/key-book.js';
import type { Principal } from '../services/principal.js';
import type { Quotas } from '../services/quotas.js';
import { takeQuota } from './quota.js';

export interface ApiKeyOptions {
  readonly keys: KeyBook;
  readonly quotas: Quotas;
  /** `none`: nobody needs a key. */
  readonly auth: 'keys' | 'none';
  readonly adminKey: string | undefined;
  /** Whether only this machine reaches the gateway: then nobody needs a key as long as there is none. */
  readonly isLocal: boolean;
}

const accessById = new Map<string, RouteAccess>(
  Object.entries(gatewayRoutes).map(([name, { id }]) => [id, gatewayAccess[name as keyof typeof gatewayAccess]]),
);

/** undefined: a file of a page, or no route at all. */
export const accessOf = ({ config }: { config: { routeId?: string } }): RouteAccess | undefined =>
  config.routeId === undefined ? undefined : accessById.get(config.routeId);

/**
 * Finds out who calls before anything of the request is read, and refuses who may not. Health, documents, metrics and the
 * files of the pages are for everybody; {@link gatewayAccess} says what every other route needs.
 */
export function requireApiKeys(app: FastifyInstance, options: ApiKeyOptions): void {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', refuseUnguarded);
  app.addHook('onRequest', async (request, reply) => {
    const needs = accessOf(request.routeOptions)?.needs ?? 'nothing';
    if (needs === 'nothing') return;
    request.principal = await callerOf(request, needs, options);
    const refusal = scopeRefusal(request.principal, needs);
    takeQuota({ request, reply, quotas: options.quotas }, { units: refusal ? 0 : 1 });
    if (refusal) throw refusal;
  });
}

/** A route of the API that no contract knows would be open to everybody: such a gateway does not start. */
function refuseUnguarded({ url, config }: RouteOptions): void {
  if (url.startsWith('/api/') && !accessOf({ config: config ?? {} })) throw new Error(`Nobody guards ${url}.`);
}

async function callerOf(request: FastifyRequest, needs: RouteNeed, options: ApiKeyOptions): Promise<Principal> {
  const { keys, auth, adminKey, isLocal } = options;
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token !== undefined && adminKey !== undefined && isSameSecret(token, adminKey)) return { kind: 'admin' };
  const mayBeOpen = needs !== 'admin';
  if (mayBeOpen && auth === 'none') return { kind: 'anonymous' };
  const key = token === undefined ? undefined : await keys.find(token);
  if (key) {
    const { id, ownerId, scopes, quotaPerMinute } = key;
    return { kind: 'key', keyId: id, ownerId, scopes, quotaPerMinute };
  }
  if (mayBeOpen && isLocal && adminKey === undefined && !(await keys.hasKeys())) return { kind: 'anonymous' };
  throw fail('KEY_REQUIRED', {});
}

function scopeRefusal(principal: Principal, needs: RouteNeed): Failure | undefined {
  if (principal.kind !== 'key' || needs === 'nothing' || needs === 'any key') return undefined;
  const isGiven = needs !== 'admin' && principal.scopes.includes(needs);
  return isGiven ? undefined : fail('SCOPE_MISSING', { scope: needs });
}
