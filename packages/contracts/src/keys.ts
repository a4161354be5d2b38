import { z } from 'zod';
import { fieldWords } from './field-words.js';
import { wireNumber } from './wire-values.js';

/** What a key may be allowed: to run pictures, and to change jobs and checkpoints. Reading needs either. */
export const keyScopes = ['infer', 'manage'] as const;
export const KeyScope = z.enum(keyScopes);
export type KeyScope = z.infer<typeof KeyScope>;

/** The part of a key that lists and logs may show; the key itself begins with it. */
export const KeyId = z
  .string()
  .regex(/^lg_[0-9A-Za-z]{12}$/, { error: fieldWords.keyId.en })
  .meta({ description: 'Begins the key itself, and may be shown.', example: 'lg_8Zr2mQx0aBcD' });

const name = (max: number) => z.string().trim().min(1).max(max);

const keyFields = {
  name: name(200).meta({ description: 'For people.', example: 'camera at the gate' }),
  owner: name(100)
    .default('default')
    .meta({ description: 'Whose jobs and pictures the key works on; keys of one owner share them.' }),
  scopes: z
    .array(KeyScope)
    .min(1)
    .max(keyScopes.length)
    .refine((scopes) => new Set(scopes).size === scopes.length, { error: fieldWords.scopeTwice.en })
    .default(['infer'])
    .meta({ description: 'infer: run pictures. manage: change jobs and checkpoints.' }),
  quota_per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .meta({ description: 'Requests a minute, pictures of a batch each counted; null: no quota.' }),
  expires_at: z.iso
    .datetime()
    .refine((time) => Date.parse(time) > Date.now(), { error: fieldWords.past.en })
    .nullable()
    .default(null)
    .meta({ description: 'From when on the key is refused, UTC, in the future; null: never.' }),
};

export const ApiKeyInput = z.strictObject(keyFields).meta({ id: 'ApiKeyInput' });
export type ApiKeyInput = z.infer<typeof ApiKeyInput>;

/** A key as it may be shown: without its secret. */
export const ApiKey = z
  .object({
    id: KeyId,
    name: z.string().meta({ description: 'For people.' }),
    owner: z.string().meta({ description: 'Whose jobs and pictures the key works on.' }),
    scopes: z.array(KeyScope).meta({ description: 'infer: runs pictures. manage: changes jobs and checkpoints.' }),
    quota_per_minute: z.int().nullable().meta({ description: 'Requests a minute; null: no quota.' }),
    expires_at: z.iso.datetime().nullable().meta({ description: 'From when on it is refused, UTC; null: never.' }),
    created_at: z.iso.datetime().meta({ description: 'When it was made, UTC' }),
    last_used_at: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When it was used last, UTC, to the minute; null: never.' }),
    revoked_at: z.iso.datetime().nullable().meta({ description: 'When it was revoked, UTC; null: it was not.' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const CreatedApiKey = ApiKey.extend({
  key: z.string().meta({ description: 'The key itself. It is answered this once: only its hash is kept.' }),
}).meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

export const KeyListQuery = z.object({
  limit: wireNumber(z.int().min(1).max(100)).default(100).meta({ description: 'At most so many keys.' }),
  cursor: z.string().max(200).optional().meta({ description: 'The `next_cursor` of the page before.' }),
});

export const ApiKeyList = z
  .object({
    keys: z.array(ApiKey).meta({ description: 'The newest first.' }),
    next_cursor: z.string().nullable().meta({ description: 'Asks for the next page as `cursor`; null on the last.' }),
  })
  .meta({ id: 'ApiKeyList' });
export type ApiKeyList = z.infer<typeof ApiKeyList>;
