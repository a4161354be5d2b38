import type { KeyScope } from '@lensgate/contracts';
import type { FastifyRequest } from 'fastify';
import type { Viewer } from '../store/viewer.js';

/** Who calls. `anonymous`: no key is needed here, so everybody may do everything but manage keys. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'admin' }
  | {
      readonly kind: 'key';
      readonly keyId: string;
      readonly ownerId: string;
      readonly scopes: readonly KeyScope[];
      /** null: no quota. */
      readonly quotaPerMinute: number | null;
    };

declare module 'fastify' {
  interface FastifyRequest {
    /** null until the caller is known, and where nobody asks. */
    principal: Principal | null;
  }
}

/**
 * Whose rows the caller works on.
 * @throws Error on a route that asks nobody for a key: it must not reach anybody's rows
 */
export function viewerOf({ principal }: Pick<FastifyRequest, 'principal'>): Viewer {
  if (principal === null) throw new Error('the caller is not known');
  return principal.kind === 'key' ? { sees: 'own', ownerId: principal.ownerId } : { sees: 'all' };
}
