import { gatewayAccess } from './access.js';
import { gatewayExamples } from './examples/gateway.js';
import { workerExamples } from './examples/worker.js';
import { openApiDocument } from './openapi.js';
import { guardedRoutes, withSecurity } from './openapi-security.js';
import { gatewayRoutes, workerRoutes } from './routes.js';

const version = '0.1.0';

/** Every operation of the gateway, with the codes that it answers to who lacks a key. */
export const guardedGatewayRoutes = guardedRoutes(gatewayRoutes, gatewayAccess);

/** The OpenAPI document of the gateway. */
export const gatewayDocument = () => {
  const document = openApiDocument(
    guardedGatewayRoutes,
    {
      title: 'Lensgate',
      description:
        'Serves trained vision models: a picture and a training job’s id go in, boxes, masks and labels come out.',
      version,
    },
    gatewayExamples,
  );
  return withSecurity(document, gatewayRoutes, gatewayAccess);
};

/** The OpenAPI document of a worker, whatever its framework. */
export const workerDocument = () =>
  openApiDocument(
    workerRoutes,
    {
      title: 'A worker of Lensgate',
      description: 'Runs the checkpoints of one framework. It knows no training jobs: what a job says comes as fields.',
      version,
    },
    workerExamples,
  );
