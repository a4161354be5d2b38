import type { Socket } from 'node:net';
import { fail } from '@lensgate/contracts';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { boundAnswers } from './bound-answers.js';
import { boundConnections } from './bound-connections.js';
import { drainRefusedBodies } from './drain-rest.js';
import { pathOf, replyError } from './error-reply.js';
import { type GuardOptions, guardRequests } from './guard.js';
import { createLifecycle, type Lifecycle } from './lifecycle.js';
import { defaultServerLimits, type ServerLimits } from './limits.js';
import { createMetrics, type Metrics } from './metrics.js';
import { clientErrorHandler, endWithProblem, logUnrouted, rawAnswerTo } from './raw-answer.js';
import { requestIdFor } from './request-id.js';
import { allowedMethods, type KnownRoute } from './route-match.js';
import { said } from './said.js';
import { securityHeaders } from './security-headers.js';

declare module 'fastify' {
  interface FastifyInstance {
    lifecycle: Lifecycle;
    metrics: Metrics;
    limits: ServerLimits;
  }
  interface FastifyRequest {
    /** When the request's headers had arrived, on the monotonic clock (`performance.now()`). */
    arrivedAtMs: number;
    /** The client's connection. Node takes `raw.socket` away when a stream of the body fails. */
    client: Socket | null;
    /** `socket.bytesWritten` at arrival. */
    bytesWrittenBefore: number;
    /** Whether this request counts as work under way. */
    counted: boolean;
  }
  interface FastifyContextConfig {
    /** Answered while draining, and not waited for: health, ready, metrics. */
    readonly isService?: boolean;
    /** The contract's id, of a route that has one. */
    readonly routeId?: string;
    /** Media types of the body, as a refusal names them. */
    readonly acceptedTypes?: string;
  }
}

export interface ServerOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly guard: GuardOptions;
  readonly limits?: Partial<ServerLimits>;
  readonly metrics?: Metrics;
  /** Turns errors of a service's own parts into failures; what it does not know it returns unchanged. */
  readonly translateError?: (error: unknown, request: FastifyRequest) => unknown;
}

/**
 * A Fastify server that behaves as every service of ours: request ids and security headers on every answer, problem
 * documents for every error (also those raised before routing), host and origin checks, one log line and one
 * measurement per request, refusal of new work while draining.
 *
 * Bodies are not parsed: `registerRoute` reads JSON, `readMultipart` reads forms, binary routes get the stream.
 */
export function buildServer(options: ServerOptions): FastifyInstance {
  const limits = { ...defaultServerLimits, ...options.limits };
  const lifecycle = createLifecycle();
  const metrics = options.metrics ?? createMetrics(options.service, () => lifecycle.inFlight);
  const known: KnownRoute[] = [];

  const app = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    requestIdHeader: false,
    genReqId: requestIdFor,
    // Bodies are read by our own readers, each with its own limit.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 600, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      request.problemCode = null;
      reply.headers(securityHeaders);
      replyError(error, request as FastifyRequest, reply);
      request.log.info({ method: request.method, status: reply.statusCode, code: request.problemCode }, 'request');
    },
    clientErrorHandler: clientErrorHandler({ logger: options.logger, lingerMs: limits.lingerMs }),
    http: {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      // Our own guard answers a missing Host with a problem document.
      requireHostHeader: false,
      connectionsCheckingInterval: Math.max(
        50,
        Math.min(5_000, limits.requestTimeoutMs / 4, limits.headersTimeoutMs / 4),
      ),
    },
  });
  app.decorate('lifecycle', lifecycle);
  app.decorate('metrics', metrics);
  app.decorate('limits', limits);
  app.decorateRequest('problemCode', null);
  app.decorateRequest('client', null);
  app.decorateRequest('arrivedAtMs', 0);
  app.decorateRequest('bytesWrittenBefore', 0);
  app.decorateRequest('counted', false);

  // Node would answer these two by itself, without a problem document.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.server.on('connect', (request, socket) => {
    const failure = fail('REQUEST_MALFORMED', { reason: said.connect });
    const { lingerMs } = limits;
    logUnrouted(options.logger, failure, endWithProblem(socket as Socket, failure, { request, lingerMs }));
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onRoute', ({ method, url }) => {
    known.push({ methods: [method].flat(), url });
  });
  app.addHook('onRequest', async (request, reply) => {
    request.arrivedAtMs = performance.now();
    request.client = request.raw.socket;
    request.bytesWrittenBefore = request.raw.socket.bytesWritten;
    reply.header('x-request-id', request.id).headers(securityHeaders);
    // A drain does not wait for those whom it refuses: in a flood there is always one.
    request.counted = !request.routeOptions.config.isService && lifecycle.state !== 'draining';
    if (request.counted) lifecycle.enter();
    // "close" comes once, after the answer or when the client is gone; Fastify's onResponse misses some of the latter.
    reply.raw.once('close', () => {
      if (request.counted) lifecycle.leave();
      logRequest(request, reply, metrics);
    });
  });
  guardRequests(app, options.guard);
  app.addHook('onRequest', async (request, reply) => {
    if (lifecycle.state !== 'draining') return;
    reply.header('connection', 'close');
    if (!request.routeOptions.config.isService) throw fail('DRAINING', {}, { retryAfterS: 1 });
  });
  boundConnections(app, limits);
  boundAnswers(app, limits);
  drainRefusedBodies(app, limits);
  app.setErrorHandler((error, request, reply) =>
    replyError(options.translateError?.(error, request) ?? error, request, reply),
  );
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url);
    const allowed = allowedMethods(known, path);
    // A path that answers this method has found nothing behind it, as a file that is not there.
    if (allowed.length === 0 || allowed.includes(request.method))
      throw fail('ROUTE_NOT_FOUND', { method: request.method, path });
    reply.header('allow', allowed.join(', '));
    throw fail('METHOD_NOT_ALLOWED', { path, allowed: allowed.join(', '), method: request.method });
  });
  return app;
}

/** One line per request: no url (query strings may hold secrets), no names of files, no bytes. */
function logRequest(request: FastifyRequest, reply: FastifyReply, metrics: Metrics): void {
  const durationMs = performance.now() - request.arrivedAtMs;
  const isAnswered = reply.raw.writableFinished;
  const raw = rawAnswerTo(request.raw);
  // 499: the client was gone before its answer, as proxies log it.
  const status = raw?.status ?? (isAnswered ? reply.statusCode : 499);
  const route = request.routeOptions.url ?? '(none)';
  const code = raw?.code ?? request.problemCode;
  metrics.observe({ method: request.method, route, status, code, durationS: durationMs / 1000 });
  const entry = {
    method: request.method,
    route,
    status,
    ...(code === null ? {} : { code }),
    duration_ms: Math.round(durationMs * 10) / 10,
    bytes_in: Number(request.headers['content-length'] ?? 0),
    bytes_out: (request.client?.bytesWritten ?? 0) - request.bytesWrittenBefore,
  };
  request.log.info(entry, 'request');
}
