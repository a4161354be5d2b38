import { ApiKeyInput, CreatedApiKey } from '@lensgate/contracts';
import { usageFault } from '../fault.js';
import type { Command } from './command.js';

/** Options as they are typed, for each field of the request. */
const optionOf: Readonly<Record<string, string>> = {
  name: '--name',
  owner: '--owner',
  scopes: '--scope',
  quota_per_minute: '--quota',
  expires_at: '--expires',
};

export const createKey: Command = {
  usage: 'create --name <name> [--owner <owner>] [--scope infer|manage]… [--quota <per minute>] [--expires <time>]',
  options: {
    name: { type: 'string' },
    owner: { type: 'string' },
    scope: { type: 'string', multiple: true },
    quota: { type: 'string' },
    expires: { type: 'string' },
  },
  operands: [],
  async run({ gateway, values, asJson }) {
    const asked = ApiKeyInput.safeParse({
      name: values.name ?? '',
      ...(values.owner !== undefined && { owner: values.owner }),
      ...(values.scope !== undefined && { scopes: values.scope }),
      ...(values.quota !== undefined && { quota_per_minute: Number(values.quota) }),
      ...(values.expires !== undefined && { expires_at: values.expires }),
    });
    if (!asked.success) {
      const [issue] = asked.error.issues;
      throw usageFault(`${optionOf[String(issue?.path[0])]}: ${issue?.message}.`);
    }
    const created = await gateway.ask({ method: 'POST', path: '/keys', body: asked.data, answer: CreatedApiKey });
    if (asJson) return { output: `${JSON.stringify(created, null, 2)}\n` };
    const { id, owner, scopes, key } = created;
    // The key alone goes to the output, so that a script can take it from there.
    return {
      output: `${key}\n`,
      note: `Made ${id} of owner "${owner}" for ${scopes.join(' and ')}. The key is shown this once: keep it now.\n`,
    };
  },
};
