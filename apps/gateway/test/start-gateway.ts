import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, drain } from '@lensgate/http-kit';
import { type TestDatabase, testDatabase } from '@lensgate/testing';
import { buildGateway, GatewayConfig } from '../src/index.js';

export type LogLine = Readonly<Record<string, unknown>>;

/**
 * A gateway on a free port, over a real database, with a data folder of its own.
 * @param onLine gets what it logs, parsed
 */
export async function startGateway(
  databaseUrl: string,
  env: Record<string, string> = {},
  onLine?: (line: LogLine) => void,
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'lensgate-'));
  const config = GatewayConfig.parse({ PORT: '0', DATABASE_URL: databaseUrl, DATA_DIR: dataDir, ...env });
  const write = (text: string) => onLine?.(JSON.parse(text) as LogLine);
  const logger = onLine
    ? createLogger('gateway', config.logLevel, { write })
    : createLogger('gateway', process.env.TEST_LOG_LEVEL ?? 'silent');
  const gateway = await buildGateway(config, logger);
  await gateway.start();
  const url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const api = `${url}/api/v1`;
  return {
    ...gateway,
    url,
    api,
    dataDir,
    async stop() {
      await drain(gateway.app, { drainTimeoutMs: 5_000 });
      await gateway.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
export type TestGateway = Awaited<ReturnType<typeof startGateway>>;

export const openDatabase = (): Promise<TestDatabase> => testDatabase.open();

export async function json(response: Response): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

export const sendJson = async (url: string, method: string, body: unknown) =>
  json(await fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }));

export function quickForm(fields: Record<string, string>, file: { bytes?: Uint8Array; name?: string } = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append(
    'file',
    new Blob([new Uint8Array(file.bytes ?? Buffer.from('picture'))], { type: 'image/png' }),
    file.name ?? 'a.png',
  );
  return form;
}
