export interface KnownRoute {
  readonly methods: readonly string[];
  /** Fastify's pattern: `/a/:id`, `/b/*`. */
  readonly url: string;
}

function matches(pattern: string, path: string): boolean {
  const wanted = withoutLastSlash(pattern).split('/');
  const given = withoutLastSlash(path).split('/');
  for (const [index, part] of wanted.entries()) {
    if (part === '*') return given.length > index;
    if (given[index] === undefined) return false;
    if (!part.startsWith(':') && part !== given[index]) return false;
  }
  return wanted.length === given.length;
}

/** As the router takes paths. */
const withoutLastSlash = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);

/** The methods that a path answers, over all routes that match it; empty when there is no such path. */
export function allowedMethods(routes: readonly KnownRoute[], path: string): string[] {
  const methods = routes.filter(({ url }) => matches(url, path)).flatMap((route) => route.methods);
  return [...new Set(methods)].sort();
}
