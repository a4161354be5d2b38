import { KeyId } from '@lensgate/contracts';
import { usageFault } from '../fault.js';
import type { Command } from './command.js';

export const revokeKey: Command = {
  usage: 'revoke <id>',
  options: {},
  operands: ['id'],
  async run({ gateway, operands: [given = ''], asJson }) {
    const id = KeyId.safeParse(given);
    // Not repeated: it may be a whole key.
    if (!id.success) throw usageFault('A key is revoked by its id: "lg_" and the 12 letters or digits after it.');
    await gateway.ask({ method: 'DELETE', path: `/keys/${id.data}`, answer: undefined });
    if (asJson) return { output: `${JSON.stringify({ id: id.data, revoked: true })}\n` };
    return { output: '', note: `Revoked ${id.data}.\n` };
  },
};
