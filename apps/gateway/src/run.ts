import { readConfig, serve } from '@lensgate/http-kit';
import { buildGateway } from './app.js';
import { GatewayConfig } from './config.js';

const config = readConfig(GatewayConfig, process.env);
const { app, start, close } = await buildGateway(config);
try {
  await start();
} catch (error) {
  app.log.fatal({ err: error }, 'the gateway cannot start');
  await close();
  process.exit(1);
}
const { host, port, drainTimeoutMs, collectRestMs } = config;
await serve(app, { host, port, drainTimeoutMs, collectRestMs, onClose: close });
