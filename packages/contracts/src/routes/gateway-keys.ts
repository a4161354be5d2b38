import { z } from 'zod';
import { ApiKeyInput, ApiKeyList, CreatedApiKey, KeyId, KeyListQuery } from '../keys.js';
import { defineRoute } from './route-contract.js';
import { jsonErrors } from './route-errors.js';
import { v1 } from './shared.js';

const path = `${v1}/keys`;

/** Keys are managed with the admin key alone: a key must not make others. */
export const keyRoutes = {
  createKey: defineRoute({
    id: 'createKey',
    method: 'POST',
    path,
    tag: 'keys',
    summary: 'Makes a key and answers it, this once',
    body: { kind: 'json', schema: ApiKeyInput },
    replies: { 201: CreatedApiKey },
    errors: [...jsonErrors, 'DATABASE_UNAVAILABLE'],
  }),
  listKeys: defineRoute({
    id: 'listKeys',
    method: 'GET',
    path,
    tag: 'keys',
    summary: 'Lists keys, the newest first, revoked ones included; never their secrets',
    query: KeyListQuery,
    replies: { 200: ApiKeyList },
    errors: ['FIELD_INVALID', 'DATABASE_UNAVAILABLE'],
  }),
  deleteKey: defineRoute({
    id: 'deleteKey',
    method: 'DELETE',
    path: `${path}/:id`,
    tag: 'keys',
    summary: 'Revokes a key: at once at this gateway, within seconds at others',
    params: z.object({ id: KeyId }),
    replies: { 204: 'empty' },
    errors: ['FIELD_INVALID', 'KEY_NOT_FOUND', 'DATABASE_UNAVAILABLE'],
  }),
} as const;
