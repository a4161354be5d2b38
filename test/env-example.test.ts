import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GatewayEnv } from '@lensgate/gateway';
import { WorkerConfig } from '@lensgate/worker-kit';
import { expect, test } from 'vitest';
import { services } from '../scripts/lib/services.mjs';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFile(join(root, path), 'utf8');

interface EnvSchema {
  readonly shape: object;
  parse(env: Record<string, string>): Record<string, unknown>;
}
const workerEnv = WorkerConfig(8001)._zod.def.in as unknown as EnvSchema;
const gatewayEnv = GatewayEnv as unknown as EnvSchema;
const minimal = { DATABASE_URL: 'postgresql://db' };

/** Variable → value behind it, in the order of the file. */
const example = async () =>
  [...(await read('.env.example')).matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );

test('.env.example names every variable that a service, `npm start` or docker compose reads, once, and no others', async () => {
  const inCompose = [...(await read('docker-compose.yml')).matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
  const known = new Set([
    ...Object.keys(gatewayEnv.shape),
    ...Object.keys(workerEnv.shape),
    ...services.map(({ portVariable }) => portVariable),
    ...inCompose,
  ]);
  expect((await example()).map(([name]) => name).sort()).toEqual([...known].sort());
});

test('.env.example changes nothing when its lines are taken as they are', async () => {
  for (const schema of [gatewayEnv, workerEnv]) {
    const unset = schema.parse(minimal);
    for (const [name, value] of await example()) {
      const isPortOfAnother = schema === workerEnv && name === 'PORT';
      if (value === '' || isPortOfAnother || !(name in schema.shape)) continue;
      expect(schema.parse({ ...minimal, [name]: value })[name], name).toEqual(unset[name]);
    }
  }
});
