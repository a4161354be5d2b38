import { type ApiKey, ApiKeyList } from '@lensgate/contracts';
import { tableOf } from '../table.js';
import type { Command } from './command.js';

const heading = ['ID', 'NAME', 'OWNER', 'SCOPES', 'PER MINUTE', 'LAST USED', 'STATE'];

export const listKeys: Command = {
  usage: 'list',
  options: {},
  operands: [],
  async run({ gateway, asJson, nowMs }) {
    const keys: ApiKey[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: ApiKeyList = await gateway.ask({
        method: 'GET',
        path: `/keys?limit=100${query}`,
        answer: ApiKeyList,
      });
      keys.push(...page.keys);
      cursor = page.next_cursor;
    } while (cursor !== null);
    if (asJson) return { output: `${JSON.stringify(keys, null, 2)}\n` };
    if (keys.length === 0) return { output: '', note: 'There are no keys yet.\n' };
    return { output: tableOf([heading, ...keys.map((key) => rowOf(key, nowMs))]) };
  },
};

const toMinute = (time: string): string => time.slice(0, 16).replace('T', ' ');

const rowOf = (key: ApiKey, nowMs: number): string[] => [
  key.id,
  key.name,
  key.owner,
  key.scopes.join(','),
  key.quota_per_minute === null ? '-' : String(key.quota_per_minute),
  key.last_used_at === null ? 'never' : toMinute(key.last_used_at),
  stateOf(key, nowMs),
];

function stateOf({ revoked_at, expires_at }: ApiKey, nowMs: number): string {
  if (revoked_at !== null) return `revoked ${toMinute(revoked_at)}`;
  if (expires_at === null) return 'valid';
  return Date.parse(expires_at) <= nowMs ? `expired ${toMinute(expires_at)}` : `until ${toMinute(expires_at)}`;
}
