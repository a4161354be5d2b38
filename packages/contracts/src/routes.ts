export { gatewayRoutes } from './routes/gateway.js';
export * from './routes/route-contract.js';
export { commonErrors } from './routes/route-errors.js';
export { workerRoutes } from './routes/worker.js';
