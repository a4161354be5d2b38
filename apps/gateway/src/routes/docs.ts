import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { gatewayAccess, gatewayRoutes, openApiDocument, withSecurity } from '@lensgate/contracts';
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
  const plain = openApiDocument(gatewayRoutes, {
    title: 'Lensgate',
    description:
      'Serves trained vision models: a picture and a training job’s id go in, boxes, masks and labels come out.',
    version: '0.1.0',
  });
  const document = withSecurity(plain, gatewayRoutes, gatewayAccess);
  registerRoute(app, gatewayRoutes.openapi, () => ({ ...document }));
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: pagePolicy,
    transformSpecification: (shown) => withBlankOptions(shown),
    uiConfig: { tryItOutEnabled: true, displayRequestDuration: true, validatorUrl: null },
    theme: { title: 'Lensgate' },
  });
}

interface FormSchema {
  readonly required?: readonly string[];
  readonly properties?: Record<string, { default?: unknown; description?: string; format?: string }>;
}

/**
 * The page fills every field of a form with an invented value ("string", 0) unless it has a default or an example. For
 * the page only, options without a default are text without a value: then it leaves them out.
 */
function withBlankOptions(shown: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const operations = Object.values((shown.paths ?? {}) as Record<string, object>).flatMap((path) =>
    Object.values(path),
  );
  for (const { requestBody } of operations) {
    const form: FormSchema | undefined = requestBody?.content?.['multipart/form-data']?.schema;
    for (const [name, property] of Object.entries(form?.properties ?? {})) {
      if (form?.required?.includes(name) || property.default !== undefined) continue;
      // A file is chosen, not typed.
      if (property.format === 'binary') continue;
      Object.assign(form!.properties!, { [name]: { type: 'string', example: '', description: property.description } });
    }
  }
  return shown;
}
