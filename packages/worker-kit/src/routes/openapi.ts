import { workerDocument, workerRoutes } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';

/** `GET /openapi.json`: a worker is useful alone, and says how. The document is made when it is asked for first. */
export function addOpenApiRoute(app: FastifyInstance): void {
  let document: ReturnType<typeof workerDocument> | undefined;
  registerRoute(app, workerRoutes.openapi, () => {
    document ??= workerDocument();
    return { ...document };
  });
}
