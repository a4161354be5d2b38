import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { gatewayDocument, gatewayRoutes } from '@lensgate/contracts';
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
  const document = gatewayDocument();
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

interface ShownOperation {
  readonly parameters?: readonly { readonly in: string; examples?: unknown }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, ShownForm>> };
}
interface ShownForm {
  readonly schema: FormSchema;
  readonly examples?: Readonly<Record<string, { readonly value: Readonly<Record<string, unknown>> }>>;
}
interface FormSchema {
  readonly required?: readonly string[];
  readonly properties?: Record<
    string,
    { default?: unknown; description?: string; format?: string; items?: { format?: string } }
  >;
}

/**
 * The page fills every field of a form with an invented value ("string", 0) unless it has a default or an example, and
 * every parameter with its first example. For the page only, options without a default are text without a value, and
 * parameters of a query have no examples: then it leaves both out. What a form needs is that of its first example.
 */
function withBlankOptions(shown: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const operations = Object.values((shown.paths ?? {}) as Record<string, Record<string, ShownOperation>>).flatMap(
    (path) => Object.values(path),
  );
  for (const { parameters = [], requestBody } of operations) {
    for (const parameter of parameters) if (parameter.in === 'query') delete parameter.examples;
    const { schema: form, examples = {} } = requestBody?.content['multipart/form-data'] ?? {};
    const [first] = Object.values(examples);
    for (const [name, property] of Object.entries(form?.properties ?? {})) {
      // A file is chosen, not typed.
      if (property.default !== undefined || property.format === 'binary' || property.items?.format === 'binary')
        continue;
      if (form?.required?.includes(name)) {
        Object.assign(property, { example: first?.value[name] });
        continue;
      }
      Object.assign(form!.properties!, { [name]: { type: 'string', example: '', description: property.description } });
    }
  }
  return shown;
}
