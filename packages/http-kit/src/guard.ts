import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { fail } from '@lensgate/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { said } from './said.js';

/** Who may call from a browser, and under which names the service is known. */
export interface GuardOptions {
  /**
   * Host names (with or without port) besides the loopback names and the address the connection came in on; `any`
   * switches the check off.
   */
  readonly hosts: 'any' | readonly string[];
  /** Origins (`https://app.example.org`) whose pages may call; `any` admits all. */
  readonly origins: 'any' | readonly string[];
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);
const nameOf = (host: string): string => host.replace(/:\d*$/, '').toLowerCase();

/**
 * Whether a Host header names this service. Against DNS rebinding: a page's own domain that resolves to us is refused.
 * An address instead of a name cannot be rebound, so a server that is bound to every interface takes any address.
 */
export function isOurHost(
  host: string,
  { hosts, localAddress, boundWide }: { hosts: GuardOptions['hosts']; localAddress: string; boundWide: boolean },
): boolean {
  if (hosts === 'any') return true;
  const name = nameOf(host);
  if (loopbackNames.has(name) || name.endsWith('.localhost')) return true;
  const address = name.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0 && (boundWide || address === localAddress.replace(/^::ffff:/, ''))) return true;
  return hosts.some((allowed) => allowed.toLowerCase() === name || allowed.toLowerCase() === host.toLowerCase());
}

/** Whether a page came from this service itself, which was addressed as `host`. */
export const isSameOrigin = (origin: string, host: string): boolean =>
  URL.canParse(origin) && new URL(origin).host === host.toLowerCase();

const exposedHeaders =
  'x-request-id, server-timing, retry-after, ratelimit, ratelimit-policy, www-authenticate, location';

const isNavigation = (request: FastifyRequest): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') && request.headers['sec-fetch-mode'] === 'navigate';

/** A request line with a whole URL counts before the Host header (RFC 9112, 3.2.2). */
function addressedHost({ url, headers }: FastifyRequest): string | undefined {
  if (url.startsWith('/') || headers.host === undefined || !URL.canParse(url)) return headers.host;
  return new URL(url).host;
}

const hostHeadersOf = ({ rawHeaders }: IncomingMessage): number =>
  rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;

/**
 * Lets pages of an admitted origin read answers, and answers their preflight. Credentials are never allowed: a key is a header
 * that the page sets itself, so no browser adds anybody's by itself.
 */
function allowCrossOrigin(request: FastifyRequest, reply: FastifyReply, origin: string): FastifyReply | undefined {
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders,
    'cross-origin-resource-policy': 'cross-origin',
    vary: 'origin',
  });
  if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) return undefined;
  reply.headers({
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': 'authorization, content-type, x-request-id',
    'access-control-max-age': '600',
  });
  if (request.headers['access-control-request-private-network'])
    reply.header('access-control-allow-private-network', 'true');
  return reply.code(204).send();
}

/** Without a key on loopback any web page could post to us: foreign hosts and origins are refused before anything else. */
export function guardRequests(app: FastifyInstance, { hosts, origins }: GuardOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const host = addressedHost(request);
    if (!host) throw fail('REQUEST_MALFORMED', { reason: said.noHost });
    // Node takes the first; a proxy in front may have looked at another.
    if (hostHeadersOf(request.raw) > 1) throw fail('REQUEST_MALFORMED', { reason: said.severalHosts });
    const bound = app.server.address();
    const boundWide = typeof bound === 'object' && (bound?.address === '0.0.0.0' || bound?.address === '::');
    const localAddress = request.raw.socket.localAddress ?? '';
    if (!isOurHost(host, { hosts, localAddress, boundWide })) throw fail('HOST_REFUSED', { host });

    const { origin } = request.headers;
    if (origin !== undefined) {
      if (isSameOrigin(origin, host)) return undefined;
      if (origins !== 'any' && !origins.includes(origin)) throw fail('ORIGIN_REFUSED', {});
      return allowCrossOrigin(request, reply, origin);
    }
    if (request.headers['sec-fetch-site'] === 'cross-site' && origins !== 'any' && !isNavigation(request))
      throw fail('ORIGIN_REFUSED', {});
    return undefined;
  });
}
