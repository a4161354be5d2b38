import type { workerRoutes } from '../routes.js';
import { done, form, type RouteExamples } from './example.js';
import { findings } from './jobs.js';
import { detectorEntry, metricsText, ultralyticsFamilies, unloadedEntry } from './models.js';
import { problemExample } from './problems.js';
import { detectionWithoutOverlay, detectorSha256 } from './results.js';

const scene = '@models/samples/scene-1003.png';
const noRequest = { plain: { summary: 'Without anything' } };

/** What the gateway would have read of the job. */
const job = {
  training_job_id: 1,
  framework: 'ultralytics',
  model_name: 'wardrobe-det',
  task_type: 'object_detection',
  num_classes: 10,
};
const pinnedEntry = { ...detectorEntry, pinned: true };
const stored = { params: { sha256: detectorSha256 } };
const result = {
  ...detectionWithoutOverlay,
  model: { ...detectionWithoutOverlay.model, checkpoint_path: 'pretrained' },
};
const noPicture = { ...problemExample('IMAGE_UNSUPPORTED'), index: 1 };
const sandbox = { network: 'none', permissions: 'narrow', privileges: 'dropped', limits: 'set', reason: null };
const state = { framework: 'ultralytics', children: 2, queued: 0, in_flight: 0, sandbox };

/** Examples of every operation of a worker: the Ultralytics one, with the demo models built in. */
export const workerExamples = {
  quickInference: {
    requests: {
      built_in: {
        summary: 'A file, and a built-in model by its name',
        body: form({ file: scene, ...job, overlay: false }),
      },
      digest: {
        summary: 'A file, and a checkpoint of the store by its digest',
        body: form({ file: scene, ...job, model_name: 'mine', checkpoint_sha256: detectorSha256, overlay: false }),
      },
      raw: {
        summary: 'The picture as the body, the fields in the query',
        query: { ...job, filename: 'scene-1003.png', overlay: false },
        body: { mediaType: 'image/*', value: scene },
      },
    },
    replies: done(result),
  },
  batchInference: {
    requests: {
      json: {
        summary: 'Two files, one of which is no picture; answered as JSON in their order',
        body: form({ files: [scene, '@README.md'], ...job }),
      },
      lines: {
        summary: 'The same, answered line by line',
        headers: { Accept: 'application/x-ndjson' },
        body: form({ files: [scene, '@README.md'], ...job }),
      },
    },
    replies: {
      json: {
        summary: 'An answer, and a problem document at its place',
        status: 200,
        value: { results: [result, noPicture] },
      },
      lines: {
        summary: 'A line for each picture, as it is done',
        status: 200,
        mediaType: 'application/x-ndjson',
        value: `${JSON.stringify({ index: 0, ...result })}\n${JSON.stringify(noPicture)}\n`,
      },
    },
  },
  putCheckpoint: {
    requests: {
      plain: {
        summary: 'A checkpoint, and what it should be',
        ...stored,
        query: { task_type: 'object_detection', num_classes: 10 },
        body: { mediaType: 'application/octet-stream', value: '@models/wardrobe-det.onnx' },
      },
    },
    replies: done({ sha256: detectorSha256, bytes: 1811957, findings, warnings: [] }),
  },
  getCheckpoint: { requests: { plain: { summary: 'A checkpoint', ...stored } }, replies: done(detectorEntry) },
  deleteCheckpoint: { requests: { plain: { summary: 'A checkpoint', ...stored } }, replies: {} },
  warmCheckpoint: {
    requests: { plain: { summary: 'A checkpoint, given a minute', ...stored, query: { timeout_ms: 60_000 } } },
    replies: done(detectorEntry),
  },
  unloadCheckpoint: { requests: { plain: { summary: 'A checkpoint', ...stored } }, replies: done(unloadedEntry) },
  pinCheckpoint: { requests: { plain: { summary: 'A checkpoint', ...stored } }, replies: done(pinnedEntry) },
  unpinCheckpoint: { requests: { plain: { summary: 'A checkpoint', ...stored } }, replies: done(detectorEntry) },
  listModels: {
    requests: noRequest,
    replies: done({ framework: 'ultralytics', families: ultralyticsFamilies, models: [detectorEntry] }),
  },
  getModel: {
    requests: { plain: { summary: 'A built-in model', params: { path: 'wardrobe-det' } } },
    replies: done(detectorEntry),
  },
  warmOrUnloadModel: {
    requests: {
      warm: { summary: 'Load a built-in model', params: { path: 'wardrobe-det/warm' }, query: { timeout_ms: 60_000 } },
      unload: { summary: 'Unload it', params: { path: 'wardrobe-det/unload' } },
    },
    replies: {
      warm: { summary: 'It is loaded', status: 200, value: detectorEntry },
      unload: { summary: 'It is on the disk only', status: 200, value: unloadedEntry },
    },
  },
  pinModel: {
    requests: { plain: { summary: 'A built-in model', params: { path: 'wardrobe-det/pin' } } },
    replies: done(pinnedEntry),
  },
  unpinModel: {
    requests: { plain: { summary: 'A built-in model', params: { path: 'wardrobe-det/pin' } } },
    replies: done(detectorEntry),
  },
  health: { requests: noRequest, replies: done({ status: 'ok', service: 'worker-ultralytics', uptime_s: 20 }) },
  ready: {
    requests: noRequest,
    replies: {
      ready: { summary: 'It can serve', status: 200, value: { ready: true, ...state, spares: 1, reason: null } },
      unready: {
        summary: 'It has just started',
        status: 503,
        value: { ready: false, ...state, children: 0, spares: 0, reason: 'no child process has started yet' },
      },
    },
  },
  metrics: {
    requests: noRequest,
    replies: { done: { summary: 'Done', status: 200, mediaType: 'text/plain', value: metricsText } },
  },
  openapi: { requests: noRequest, replies: done({ openapi: '3.1.0' }) },
} as const satisfies Record<keyof typeof workerRoutes, RouteExamples>;
