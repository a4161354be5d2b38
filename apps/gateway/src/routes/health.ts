import { gatewayRoutes } from '@lensgate/contracts';
import { metricsHandler, registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';

export function addHealth(app: FastifyInstance): void {
  registerRoute(app, gatewayRoutes.health, () => ({
    status: 'ok' as const,
    service: 'gateway',
    uptime_s: Math.round(process.uptime()),
  }));
  registerRoute(app, gatewayRoutes.metrics, metricsHandler(app));
}
