import type { ApiKeyInput, CreatedApiKey, ErrorCode } from '@lensgate/contracts';
import { aJob, call } from '@lensgate/testing';
import { ask } from './ask.js';
import type { Case } from './request-cases.js';
import { adminKey, type Services } from './services.js';

const bearing = (key: string) => ({ authorization: `Bearer ${key}` });

/** The header of a key that has just been made. */
async function newKey({ keyed }: Services, fields: Partial<ApiKeyInput> = {}): Promise<{ authorization: string }> {
  const { body } = await call<CreatedApiKey>(`${keyed.url}/api/v1/keys`, {
    method: 'POST',
    headers: bearing(adminKey),
    json: { name: 'of a test', ...fields },
  });
  return bearing(body.key);
}

const jobsUrl = ({ keyed }: Services) => `${keyed.url}/api/v1/training/jobs`;

/** What keys may not. */
export const keyCases = {
  SCOPE_MISSING: {
    provoke: async (services) =>
      ask(jobsUrl(services), { method: 'POST', headers: await newKey(services, { scopes: ['infer'] }), json: aJob() }),
  },
  JOB_READ_ONLY: {
    provoke: async (services) =>
      ask(`${jobsUrl(services)}/20`, {
        method: 'DELETE',
        headers: await newKey(services, { scopes: ['manage'] }),
      }),
  },
  JOB_ID_TAKEN: {
    provoke: async (services) => {
      const put = async (owner: string) =>
        ask(`${jobsUrl(services)}/4711`, {
          method: 'PUT',
          headers: await newKey(services, { owner, scopes: ['manage'] }),
          json: aJob(),
        });
      await put('one');
      return put('another');
    },
  },
  KEY_NOT_FOUND: {
    provoke: ({ keyed }) =>
      ask(`${keyed.url}/api/v1/keys/lg_000000000000`, { method: 'DELETE', headers: bearing(adminKey) }),
  },
  QUOTA: {
    retryAfter: true,
    provoke: async (services) => {
      const headers = await newKey(services, { quota_per_minute: 1 });
      await ask(jobsUrl(services), { headers });
      return ask(jobsUrl(services), { headers });
    },
  },
} as const satisfies Partial<Record<ErrorCode, Case>>;
