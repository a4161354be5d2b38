import type { RouteAccess, RouteNeed } from './access.js';
import type { ErrorCode } from './errors.js';
import type { openApiDocument } from './openapi.js';
import type { RouteContract } from './routes.js';

type Document = ReturnType<typeof openApiDocument>;
type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>;
type Access<Name extends string> = Readonly<Record<Name, RouteAccess>>;

const scheme = {
  type: 'http',
  scheme: 'bearer',
  description:
    'A key (`lg_…`) or the admin key, as `Authorization: Bearer …`. Needed once a key exists, the admin key is set or the gateway listens beyond its own machine, unless it runs with AUTH=none.',
} as const;

/** What a route may be answered for the key that is shown, besides its own codes. */
function codesFor(route: RouteContract, needs: RouteNeed): ErrorCode[] {
  if (needs === 'nothing') return [];
  if (needs === 'any key') return ['KEY_REQUIRED', 'QUOTA'];
  // What is changed has an id; what is made belongs to its maker.
  const changing: ErrorCode[] = needs === 'manage' && route.params ? ['JOB_READ_ONLY'] : [];
  return ['KEY_REQUIRED', 'SCOPE_MISSING', ...changing, 'QUOTA'];
}

/** The routes, each with the codes that it answers to who lacks a key, a scope or quota. */
export function guardedRoutes<Name extends string>(
  routes: Readonly<Record<Name, RouteContract>>,
  access: Access<Name>,
): Record<Name, RouteContract> {
  const guarded = (Object.entries(routes) as [Name, RouteContract][]).map(([name, route]) => [
    name,
    { ...route, errors: [...route.errors, ...codesFor(route, access[name].needs)] },
  ]);
  return Object.fromEntries(guarded) as Record<Name, RouteContract>;
}

/**
 * Says in a document which operations need a key, and with which scope.
 * @param access by the names that the routes have
 */
export function withSecurity<Name extends string>(
  document: Document,
  routes: Readonly<Record<Name, RouteContract>>,
  access: Access<Name>,
) {
  const needsOf = new Map(
    (Object.entries(routes) as [Name, RouteContract][]).map(([name, { id }]) => [id, access[name].needs]),
  );
  const secured = (operation: Operation): Operation => {
    const needs = needsOf.get(operation.operationId ?? '') ?? 'nothing';
    if (needs === 'nothing') return { ...operation, security: [] };
    return { ...operation, security: [{ key: needs === 'any key' ? [] : [needs] }] };
  };
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, secured(operation)])),
  ]);
  return {
    ...document,
    paths: Object.fromEntries(paths) as NonNullable<Document['paths']>,
    components: { ...document.components, securitySchemes: { key: scheme } },
  };
}
