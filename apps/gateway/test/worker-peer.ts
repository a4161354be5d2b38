import { createHash } from 'node:crypto';
import { type Failure, fail, type WorkerQuickFields, workerRoutes } from '@lensgate/contracts';
import { buildServer, createLogger, readForms, registerRoute } from '@lensgate/http-kit';

export interface SeenPicture {
  readonly fields: WorkerQuickFields;
  readonly filename: string;
  readonly bytes: number;
  readonly headers: Record<string, unknown>;
}

/** What a peer does; tests change it between requests. */
export interface PeerBehaviour {
  /** Thrown instead of an answer to a picture. */
  refuse?: Failure;
  /** Thrown instead of an answer to a checkpoint. */
  refuseCheckpoint?: Failure;
  /** What it says that a checkpoint names. */
  classNames?: string[];
  /** Waited for before a picture is answered. */
  hold?: (signal: AbortSignal) => Promise<void>;
  /** Waited for before a checkpoint is answered. */
  holdCheckpoint?: () => Promise<void>;
  /** How many checkpoints it takes and loses at once. */
  loses?: number;
  /** Answered instead of JSON. */
  garbage?: { status: number; type: string; body: string };
}

const findings = {
  family: 'yolo-detect',
  task_type: 'object_detection' as const,
  inputs: [],
  outputs: [],
  input_width: 320,
  input_height: 320,
  num_classes: 10,
  class_names: null,
};

const heldEntry = {
  bytes: 1,
  state: 'stored' as const,
  reason: null,
  family: 'yolo-detect',
  task_type: 'object_detection' as const,
  num_classes: 10,
  children: 0,
  memory_bytes: null,
  load_ms: null,
  requests: 0,
  last_used_at: null,
  pinned: false,
};

/** A worker as the wire describes it, over a real socket; it validates every request with the contract's schemas. */
export async function startWorkerPeer(
  options: { framework?: 'ultralytics' | 'timm'; port?: number; token?: string } = {},
) {
  const { framework = 'ultralytics', token } = options;
  const behaviour: PeerBehaviour = {};
  const pictures: SeenPicture[] = [];
  const held = new Set<string>();
  const pushes: string[] = [];
  const deletions: string[] = [];
  const changes: { readonly change: 'warm' | 'unload'; readonly sha256: string }[] = [];
  let aborted = 0;
  const app = buildServer({
    service: 'peer',
    logger: createLogger('peer', 'silent'),
    guard: { hosts: [], origins: [] },
  });
  app.addHook('onRequest', async (request) => {
    if (token && request.headers.authorization !== `Bearer ${token}`) throw fail('KEY_REQUIRED', {});
  });
  registerRoute(app, workerRoutes.quickInference, async ({ request, reply, signal }) => {
    const { file, fields } = await readForms(request, workerRoutes.quickInference.body, { fileBytesMax: 1e9 });
    const filename = fields.filename ?? file.filename;
    pictures.push({ fields, filename, bytes: Buffer.concat(file.chunks).length, headers: { ...request.headers } });
    signal.addEventListener('abort', () => {
      aborted += 1;
    });
    await behaviour.hold?.(signal);
    if (behaviour.refuse) throw behaviour.refuse;
    const { garbage } = behaviour;
    if (garbage) return reply.code(garbage.status).type(garbage.type).send(garbage.body);
    if (fields.framework !== framework)
      throw fail('FRAMEWORK_NOT_SERVED', { served: framework, framework: fields.framework });
    const sha256 = fields.checkpoint_sha256;
    if (!sha256) throw fail('CHECKPOINT_MISSING', { job_id: fields.training_job_id, model: fields.model_name });
    if (!held.has(sha256)) throw fail('CHECKPOINT_NEEDED', { sha256 });
    reply.header('server-timing', 'run;dur=1').type('application/json; charset=utf-8');
    // Spaces and an unknown key: a gateway that parses and prints would lose or change them.
    return Buffer.from(`{ "image_name" : ${JSON.stringify(filename)},  "more":1.50 }`);
  });
  registerRoute(app, workerRoutes.putCheckpoint, async ({ params: { sha256 }, body }) => {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of body) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    pushes.push(sha256);
    await behaviour.holdCheckpoint?.();
    const actual = hash.digest('hex');
    if (actual !== sha256) throw fail('DIGEST_MISMATCH', { actual, expected: sha256 });
    if (behaviour.refuseCheckpoint) throw behaviour.refuseCheckpoint;
    behaviour.loses = (behaviour.loses ?? 0) - 1;
    if (behaviour.loses < 0) held.add(sha256);
    const found = { ...findings, class_names: behaviour.classNames ?? null };
    return { sha256, bytes, findings: found, warnings: ['said by the worker'] };
  });
  registerRoute(app, workerRoutes.deleteCheckpoint, ({ params: { sha256 } }) => {
    deletions.push(sha256);
    if (!held.delete(sha256)) throw fail('MODEL_NOT_FOUND', { model: sha256 });
    return undefined;
  });
  registerRoute(app, workerRoutes.warmCheckpoint, ({ params: { sha256 } }) => {
    if (!held.has(sha256)) throw fail('CHECKPOINT_NEEDED', { sha256 });
    changes.push({ change: 'warm', sha256 });
    return { ...heldEntry, state: 'ready' as const, children: 1, name: null, sha256, framework };
  });
  registerRoute(app, workerRoutes.unloadCheckpoint, ({ params: { sha256 } }) => {
    changes.push({ change: 'unload', sha256 });
    return { ...heldEntry, name: null, sha256, framework };
  });
  registerRoute(app, workerRoutes.listModels, () => ({
    framework,
    families: [{ name: 'yolo-detect', task_type: 'object_detection' as const }],
    models: [
      { ...heldEntry, name: 'built-in', sha256: '0'.repeat(64), framework },
      ...[...held].map((sha256) => ({ ...heldEntry, name: null, sha256, framework })),
    ],
  }));
  registerRoute(app, workerRoutes.ready, () => ({
    ready: true,
    framework,
    spares: 1,
    children: 0,
    queued: 0,
    in_flight: 0,
    sandbox: {
      network: 'none' as const,
      permissions: 'narrow' as const,
      privileges: 'dropped' as const,
      limits: 'set' as const,
      reason: null,
    },
    reason: null,
  }));
  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return {
    url,
    port: Number(new URL(url).port),
    behaviour,
    pictures,
    pushes,
    deletions,
    changes,
    held,
    get aborted() {
      return aborted;
    },
    async close() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}
export type WorkerPeer = Awaited<ReturnType<typeof startWorkerPeer>>;
