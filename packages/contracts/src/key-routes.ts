import { z } from 'zod';
import { ApiKeyInput, ApiKeyList, CreatedApiKey, KeyId, KeyListQuery } from './keys.js';
import type { RouteContract } from './routes.js';

const path = '/api/v1/keys';

/** Keys are managed with the admin key alone: a key must not make others. */
export const keyRoutes = {
  createKey: {
    id: 'createKey',
    method: 'POST',
    path,
    tag: 'keys',
    summary: 'Makes a key and answers it, this once',
    body: { kind: 'json', schema: ApiKeyInput },
    replies: { 201: CreatedApiKey },
    errors: ['BODY_MALFORMED', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED', 'FIELD_INVALID', 'DATABASE_UNAVAILABLE'],
  },
  listKeys: {
    id: 'listKeys',
    method: 'GET',
    path,
    tag: 'keys',
    summary: 'Lists keys, the newest first, revoked ones included; never their secrets',
    query: KeyListQuery,
    replies: { 200: ApiKeyList },
    errors: ['FIELD_INVALID', 'DATABASE_UNAVAILABLE'],
  },
  deleteKey: {
    id: 'deleteKey',
    method: 'DELETE',
    path: `${path}/:id`,
    tag: 'keys',
    summary: 'Revokes a key: at once at this gateway, within seconds at others',
    params: z.object({ id: KeyId }),
    replies: { 204: 'empty' },
    errors: ['FIELD_INVALID', 'KEY_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  },
} as const satisfies Record<string, RouteContract>;
