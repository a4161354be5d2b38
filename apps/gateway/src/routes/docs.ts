import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { gatewayRoutes, openApiDocument } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';

/** The page's own files and calls to this gateway; nothing from elsewhere. Its styles are inline. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json`, and a page at `/docs` that shows it and can send requests. */
export async function addDocs(app: FastifyInstance): Promise<void> {
  const document = openApiDocument(gatewayRoutes, {
    title: 'Lensgate',
    description:
      'Serves trained vision models: a picture and a training job’s id go in, boxes, masks and labels come out.',
    version: '0.1.0',
  });
  registerRoute(app, gatewayRoutes.openapi, () => ({ ...document }));
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: pagePolicy,
    uiConfig: { tryItOutEnabled: true, displayRequestDuration: true, validatorUrl: null },
    theme: { title: 'Lensgate' },
  });
  app.get('/', { config: { isService: true }, schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'));
}
