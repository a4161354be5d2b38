// Writes the documents that are made from code: docs/openapi.json.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildGateway, GatewayConfig } from '@lensgate/gateway';

export const openApiFile = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));

/**
 * The OpenAPI document as the gateway serves it, as text of a file. Nothing is listened on or connected to.
 * @returns {Promise<string>}
 */
export async function openApiText() {
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
    return `${JSON.stringify(reply.json(), null, 2)}\n`;
  } finally {
    await app.close();
    await close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(openApiFile, await openApiText());
  console.log(`Written: ${openApiFile}`);
}
