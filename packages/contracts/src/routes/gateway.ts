import { GatewayReady } from '../health.js';
import { GatewayModels, ModelsQuery } from '../models.js';
import { checkpointRoutes } from './gateway-checkpoints.js';
import { inferenceRoutes } from './gateway-inference.js';
import { jobRoutes } from './gateway-jobs.js';
import { keyRoutes } from './gateway-keys.js';
import { defineRoute } from './route-contract.js';
import { health, metrics, openapi, v1 } from './shared.js';

/** Every operation of the gateway. */
export const gatewayRoutes = {
  ...inferenceRoutes,
  ...jobRoutes,
  ...checkpointRoutes,
  listModels: defineRoute({
    id: 'listModels',
    method: 'GET',
    path: `${v1}/models/list`,
    tag: 'models',
    summary: 'Lists what the workers offer; a worker that is away is named',
    query: ModelsQuery,
    replies: { 200: GatewayModels },
    errors: ['FIELD_INVALID', 'DATABASE_UNAVAILABLE'],
  }),
  ...keyRoutes,
  health,
  ready: defineRoute({
    id: 'getReady',
    method: 'GET',
    path: '/ready',
    tag: 'service',
    summary: 'Says whether the gateway can serve, with its workers as details',
    replies: { 200: GatewayReady, 503: GatewayReady },
    errors: [],
  }),
  metrics,
  openapi,
} as const;
