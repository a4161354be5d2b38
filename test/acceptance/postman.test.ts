import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gatewayRoutes, type RouteContract, workerRoutes } from '@lensgate/contracts';
import { call, closeConnections, rootDir, type Stack, startStack } from '@lensgate/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleDifferences } from './example-differences.js';
import { runCollection } from './run-collection.js';

interface Item {
  readonly name: string;
  readonly item?: readonly Item[];
  readonly request?: { readonly method: string; readonly url: { readonly path: readonly string[] } };
  /** An example of the answer. */
  readonly response?: readonly { readonly body: string; readonly _postman_previewlanguage: string }[];
  readonly event?: readonly { readonly script: { readonly exec: readonly string[] } }[];
}

const adminKey = 'an-admin-key-of-a-test-0123456789';
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    frameworks: ['ultralytics', 'timm', 'huggingface'],
    gatewayEnv: { LENSGATE_ADMIN_KEY: adminKey },
  });
});
afterAll(async () => {
  await closeConnections();
  await stack?.close();
});

const collectionOf = async (name: string) =>
  JSON.parse(await readFile(join(rootDir, `docs/${name}.postman_collection.json`), 'utf8')) as Item;

const requestsOf = (item: Item): Item[] => (item.item ? item.item.flatMap(requestsOf) : [item]);
const testsOf = (item: Item): number =>
  requestsOf(item)
    .flatMap(({ event = [] }) => event.flatMap(({ script }) => script.exec))
    .filter((line) => line.startsWith('pm.test(')).length;

/** Whether a request of a collection is one of a route. */
const isOf = ({ method, path }: RouteContract, { request }: Item) => {
  const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+').replace('*', '.+')}$`);
  return request?.method === method && pattern.test(`/${request.url.path.join('/')}`);
};

const jobsOf = async () =>
  (
    await call<{ jobs: { id: number }[] }>(`${stack.gateway.url}/api/v1/training/jobs`, {
      headers: { authorization: `Bearer ${adminKey}` },
    })
  ).body.jobs.map(({ id }) => id);

const collections: { name: string; routes: RouteContract[]; url: () => string; requestsMin: number }[] = [
  {
    name: 'lensgate',
    routes: Object.values(gatewayRoutes),
    url: () => stack.gateway.url,
    requestsMin: 30,
  },
  {
    name: 'lensgate-worker',
    routes: Object.values(workerRoutes),
    url: () => stack.workers.get('ultralytics')?.url ?? '',
    requestsMin: 22,
  },
];

test.each(collections)('$name: has a request of every route, and each is tested', async ({ name, routes }) => {
  const requests = requestsOf(await collectionOf(name));
  expect(routes.filter((route) => !requests.some((request) => isOf(route, request))).map(({ id }) => id)).toEqual([]);
  expect(requests.filter((request) => testsOf(request) === 0).map((request) => request.name)).toEqual([]);
});

test.each(collections)(
  '$name: runs from top to bottom, answers what its examples show, and leaves nothing behind',
  async ({ name, url, requestsMin }) => {
    const collection = await collectionOf(name);
    const before = await jobsOf();
    const run = await runCollection(collection, { variables: { base_url: url(), api_key: adminKey }, folder: rootDir });
    expect(run.failures).toEqual([]);
    expect(run.answers.map((answer) => answer.name)).toEqual(requestsOf(collection).map((request) => request.name));
    expect(run.answers.length).toBeGreaterThanOrEqual(requestsMin);
    expect(run.assertions).toBe(testsOf(collection));
    expect(run.assertions).toBeGreaterThan(requestsMin * 1.5);
    expect(await jobsOf()).toEqual(before);
    for (const [index, { response: [shown] = [], request }] of requestsOf(collection).entries()) {
      // The document itself is shown by its version only.
      if (shown?._postman_previewlanguage !== 'json' || request?.url.path.includes('openapi.json')) continue;
      const answer = run.answers[index];
      expect(exampleDifferences(JSON.parse(shown.body), JSON.parse(answer?.text ?? '')), answer?.name).toEqual([]);
    }
  },
);

test('keys are left alone by a run that has none', async () => {
  const { item = [], ...others } = await collectionOf('lensgate');
  const keys = item.map(({ item: inside = [], ...folder }) => ({
    ...folder,
    item: inside.filter(({ request }) => request?.url.path.includes('keys')),
  }));
  const run = await runCollection(
    { ...others, item: keys },
    { variables: { base_url: stack.gateway.url }, folder: rootDir },
  );
  expect([run.answers, run.failures]).toEqual([[], []]);
});

test('a field that is missing from an answer fails the run', async () => {
  const text = JSON.stringify(await collectionOf('lensgate')).replaceAll('num_detections', 'num_found');
  const run = await runCollection(JSON.parse(text) as object, {
    variables: { base_url: stack.gateway.url, api_key: adminKey },
    folder: rootDir,
  });
  expect(run.failures.join()).toContain('num_found');
});
