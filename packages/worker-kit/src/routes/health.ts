import { workerRoutes } from '@lensgate/contracts';
import { addErrorsPage, metricsHandler, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { WorkerParts } from '../worker-parts.js';

/** Readiness follows from what lives: a spare or a child, not a flag. */
export function addHealthRoutes(app: FastifyInstance, { spec, config, sandbox, pool, scheduler }: WorkerParts): void {
  registerRoute(app, workerRoutes.health, () => ({
    status: 'ok' as const,
    service: `worker-${spec.framework}`,
    uptime_s: Math.round(process.uptime()),
  }));
  registerRoute(app, workerRoutes.ready, ({ reply }) => {
    const isDraining = app.lifecycle.state === 'draining';
    // Without spares a child is started when it is needed.
    const hasChild = config.spares === 0 || pool.spares > 0 || pool.homes.length > 0;
    const reason = isDraining ? 'draining' : hasChild ? null : 'no child process has started yet';
    reply.code(reason === null ? 200 : 503);
    return {
      ready: reason === null,
      framework: spec.framework,
      spares: pool.spares,
      children: pool.homes.length,
      queued: scheduler.queued,
      in_flight: scheduler.inFlight,
      sandbox: sandbox.state,
      reason,
    };
  });
  registerRoute(app, workerRoutes.metrics, metricsHandler(app));
  addErrorsPage(app);
}
