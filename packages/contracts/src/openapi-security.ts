import type { RouteAccess, RouteNeed } from './access.js';
import { type ErrorCode, errorRegistry } from './errors.js';
import type { openApiDocument } from './openapi.js';
import type { RouteContract } from './routes.js';

type Document = ReturnType<typeof openApiDocument>;
type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>;
type Responses = NonNullable<Operation['responses']>;
type Response = { description: string; content?: object };

const scheme = {
  type: 'http',
  scheme: 'bearer',
  description:
    'A key (`lg_…`) or the admin key, as `Authorization: Bearer …`. Needed once a key exists, the admin key is set or the gateway listens beyond its own machine, unless it runs with AUTH=none.',
} as const;

/** What a route that needs a key may be answered besides its own codes. */
const codesFor = (needs: RouteNeed): ErrorCode[] => {
  const changing: ErrorCode[] = needs === 'manage' ? ['JOB_READ_ONLY'] : [];
  return needs === 'any key' ? ['KEY_REQUIRED', 'QUOTA'] : ['KEY_REQUIRED', 'SCOPE_MISSING', ...changing, 'QUOTA'];
};

/**
 * Says in a document which operations need a key, with which scope, and how they refuse without.
 * @param access by the names that the routes have
 */
export function withSecurity(
  document: Document,
  routes: Readonly<Record<string, RouteContract>>,
  access: Readonly<Record<string, RouteAccess>>,
): Document {
  const needsOf = new Map(Object.entries(routes).map(([name, { id }]) => [id, access[name]?.needs ?? 'nothing']));
  const secured = (operation: Operation): Operation => {
    const needs = needsOf.get(operation.operationId ?? '') ?? 'nothing';
    if (needs === 'nothing') return { ...operation, security: [] };
    const scopes = needs === 'any key' ? [] : [needs];
    return { ...operation, security: [{ key: scopes }], responses: withCodes(operation.responses, codesFor(needs)) };
  };
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, secured(operation)])),
  ]);
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...document.components, securitySchemes: { key: scheme } },
  };
}

function withCodes(responses: Operation['responses'], codes: readonly ErrorCode[]): Responses {
  const all: Record<string, Response> = { ...(responses as Record<string, Response>) };
  for (const code of codes) {
    const { status, title } = errorRegistry[code];
    const words = `\`${code}\`: ${title}`;
    const before = all[status];
    all[status] = before
      ? { ...before, description: `${before.description}. ${words}` }
      : {
          description: words,
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        };
  }
  return all as Responses;
}
