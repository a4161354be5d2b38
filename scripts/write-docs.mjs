// Writes the documents that are made from code: OpenAPI, and Postman collections of it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { workerDocument } from '@lensgate/contracts';
import { buildGateway, GatewayConfig } from '@lensgate/gateway';
import { postmanCollection } from './lib/postman-collection.mjs';
import { gatewayPlan, workerPlan } from './lib/postman-plans.mjs';

const root = new URL('../', import.meta.url);
/** @param {unknown} document */
const textOf = (document) => `${JSON.stringify(document, null, 2)}\n`;

/**
 * Each document's text, by its path from the root.
 * @type {Record<string, () => Promise<string>>}
 */
export const documents = {
  'docs/openapi.json': openApiText,
  'docs/openapi-worker.json': async () => textOf(workerDocument()),
  'docs/lensgate.postman_collection.json': async () =>
    textOf(postmanCollection(JSON.parse(await openApiText()), gatewayPlan)),
  'docs/lensgate-worker.postman_collection.json': async () =>
    textOf(postmanCollection(JSON.parse(JSON.stringify(workerDocument())), workerPlan)),
};

/**
 * The OpenAPI document as the gateway serves it, as text of a file. Nothing is listened on or connected to.
 * @returns {Promise<string>}
 */
async function openApiText() {
  const dataDir = await mkdtemp(join(tmpdir(), 'lensgate-docs-'));
  const config = GatewayConfig.parse({
    DATABASE_URL: 'postgresql://nobody@127.0.0.1/none',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
  });
  const { app, close } = await buildGateway(config);
  try {
    const reply = await app.inject({ url: '/openapi.json' });
    if (reply.statusCode !== 200) throw new Error(`/openapi.json answered ${reply.statusCode}: ${reply.body}`);
    return textOf(reply.json());
  } finally {
    await app.close();
    await close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, text] of Object.entries(documents)) {
    await writeFile(new URL(path, root), await text());
    console.log(`Written: ${path}`);
  }
}
