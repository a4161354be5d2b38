import { gatewayRoutes, type ModelsQuery, type WorkerModels } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';

export function addListModels(app: FastifyInstance, { workers }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.listModels, async ({ query }) => {
    const all = await workers.holdings();
    const wanted = all.filter(
      ({ group, models }) => !query.framework || (models?.framework ?? group.name) === query.framework,
    );
    return {
      models: wanted.flatMap(({ replica: { url }, models }) =>
        (models?.models ?? []).filter(matching(query)).map((entry) => ({ ...entry, worker: url })),
      ),
      workers: wanted.map(({ group, replica: { url }, models, reason }) => ({
        framework: models?.framework ?? group.name,
        url,
        reachable: models !== undefined,
        reason,
        families: models?.families.filter(matching(query)) ?? [],
      })),
    };
  });
}

/** A checkpoint whose task is not known yet matches no task. */
const matching =
  ({ task_type: wanted }: ModelsQuery) =>
  ({ task_type: actual }: Pick<WorkerModels['models'][number], 'task_type'>): boolean =>
    wanted === undefined || actual === wanted;
