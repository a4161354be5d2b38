import type { KeyScope } from './keys.js';
import type { gatewayRoutes } from './routes.js';

/** What a caller must show: nothing, any valid key, a key with a scope, or the admin key. */
export type RouteNeed = 'nothing' | 'any key' | KeyScope | 'admin';

export interface RouteAccess {
  readonly needs: RouteNeed;
  /** The name of the change in the audit log; absent where nothing that lasts is changed. */
  readonly audit?: string;
}

/**
 * Who may call which operation of the gateway, and what the audit log calls it. `/metrics` needs nothing because it
 * counts requests by route and status only: no owner, job or key is in it.
 */
export const gatewayAccess = {
  quickInference: { needs: 'infer' },
  batchInference: { needs: 'infer' },
  uploadImage: { needs: 'infer', audit: 'picture.upload' },
  deleteSession: { needs: 'infer', audit: 'session.delete' },
  listJobs: { needs: 'any key' },
  createJob: { needs: 'manage', audit: 'job.create' },
  getJob: { needs: 'any key' },
  putJob: { needs: 'manage', audit: 'job.put' },
  patchJob: { needs: 'manage', audit: 'job.patch' },
  deleteJob: { needs: 'manage', audit: 'job.delete' },
  listCheckpoints: { needs: 'any key' },
  uploadCheckpoint: { needs: 'manage', audit: 'checkpoint.upload' },
  patchCheckpoint: { needs: 'manage', audit: 'checkpoint.patch' },
  deleteCheckpoint: { needs: 'manage', audit: 'checkpoint.delete' },
  warmCheckpoint: { needs: 'manage', audit: 'checkpoint.warm' },
  unloadCheckpoint: { needs: 'manage', audit: 'checkpoint.unload' },
  listModels: { needs: 'any key' },
  createKey: { needs: 'admin', audit: 'key.create' },
  listKeys: { needs: 'admin' },
  deleteKey: { needs: 'admin', audit: 'key.revoke' },
  health: { needs: 'nothing' },
  ready: { needs: 'nothing' },
  metrics: { needs: 'nothing' },
  openapi: { needs: 'nothing' },
} as const satisfies Record<keyof typeof gatewayRoutes, RouteAccess>;
