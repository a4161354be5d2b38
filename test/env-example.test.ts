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

test('docker compose hands every variable of a service on to it, or sets it, and no secret to whom it is no use', async () => {
  const text = await read('docker-compose.yml');
  const blockOf = (start: string) => text.slice(text.indexOf(start)).split(/\n\n|\n {4}volumes/)[0] ?? '';
  const namesIn = (start: string) => [...blockOf(start).matchAll(/^ +([A-Z_]+):/gm)].map(([, name]) => name);
  const common = namesIn('x-environment:');
  const ofImage = ['PORT', 'DATA_DIR', 'MODELS_DIR', 'WEB_DIR'];
  const ofService = (schema: EnvSchema, more: readonly string[]) =>
    Object.keys(schema.shape).filter((name) => ![...ofImage, ...more].includes(name));
  expect([...common, ...namesIn('  gateway:\n    <<: *service')].sort()).toEqual(ofService(gatewayEnv, []).sort());
  // A worker is called by the gateway only, under the one name that its service has.
  expect([...common, ...namesIn('x-worker-environment:')].sort()).toEqual(
    ofService(workerEnv, ['ALLOWED_HOSTS', 'ALLOWED_ORIGINS']).sort(),
  );
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
