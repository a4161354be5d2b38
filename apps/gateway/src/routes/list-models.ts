import { gatewayRoutes, type ModelsQuery, type WorkerModels } from '@lensgate/contracts';
import { registerRoute } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { viewerOf } from '../services/principal.js';
import { visibleDigests } from '../store/visible-digests.js';

export function addListModels(app: FastifyInstance, { database, workers }: GatewayParts): void {
  registerRoute(app, gatewayRoutes.listModels, async ({ query, request }) => {
    const all = await workers.holdings();
    const digests = all.flatMap(({ models }) => models?.models.map(({ sha256 }) => sha256) ?? []);
    const visible = await visibleDigests(database, digests, viewerOf(request));
    const wanted = all.filter(
      ({ group, models }) => !query.framework || (models?.framework ?? group.name) === query.framework,
    );
    return {
      models: wanted.flatMap(({ replica: { url }, models }) =>
        (models?.models ?? [])
          .filter(matching(query))
          // What is built in is everybody's; a checkpoint is shown to those who see a job of it.
          .filter(({ name, sha256 }) => name !== null || visible.has(sha256))
          .map((entry) => ({ ...entry, worker: url })),
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
