export { buildGateway } from './app.js';
export { GatewayConfig, GatewayEnv } from './config.js';
