import type { gatewayRoutes } from '../routes.js';
import { done, form, json, type RouteExamples } from './example.js';
import { checkpoint, createdJob, demoJob, ownJob, ownJobInput, pendingCheckpoint } from './jobs.js';
import { apiKey, apiKeyInput, createdApiKey } from './keys.js';
import { detectorEntry, metricsText, replica, ultralyticsFamilies, ultralyticsUrl, unloadedReplica } from './models.js';
import { problemExample } from './problems.js';
import {
  classification,
  classificationWithoutOverlay,
  detection,
  detectionWithoutOverlay,
  segmentationWithoutOverlay,
} from './results.js';

const scene = '@models/samples/scene-1003.png';
const handle = 'upload_02fe5bdf39e5897cae82af668375a247';
const session = 'session_0073163695dcd65ece2632f992c79012';

const noRequest = { plain: { summary: 'Without anything' } };
const demo = { params: { id: 20 } };
const own = { params: { id: 1001 } };
const ownCheckpoint = { ...own, params: { ...own.params, checkpoint_id: checkpoint.id } };

const changed = { checkpoint_id: checkpoint.id, sha256: checkpoint.sha256 };

const damaged = { ...problemExample('IMAGE_UNSUPPORTED'), index: 1 };

const worker = (framework: string, port: number) => ({ framework, url: `http://127.0.0.1:${port}` });
const workers = [{ framework: 'ultralytics', url: ultralyticsUrl }, worker('timm', 8001), worker('huggingface', 8003)];
const readyWorkers = workers.map((each) => ({ ...each, ready: true, reason: null }));
const families: Readonly<Record<string, object[]>> = {
  ultralytics: ultralyticsFamilies,
  timm: [{ name: 'timm-classifier', task_type: 'image_classification' }],
  huggingface: [{ name: 'hf-image-classifier', task_type: 'image_classification' }],
};

/** Examples of every operation of the gateway, for the demo jobs and for one of the README. */
export const gatewayExamples = {
  quickInference: {
    requests: {
      multipart: { summary: 'A file and fields', body: form({ file: scene, training_job_id: 20 }) },
      options: {
        summary: 'Outlines of shirts and pullovers, without an overlay',
        body: form({
          training_job_id: 21,
          classes: [2, 6],
          confidence_threshold: 0.4,
          masks: 'polygon',
          overlay: false,
          file: scene,
        }),
      },
      handle: {
        summary: 'An uploaded picture by its handle, in JSON',
        body: json({ training_job_id: 20, image_path: handle, overlay: false }),
      },
      query: {
        summary: 'An uploaded picture by its handle, in the query',
        query: { training_job_id: 20, image_path: handle },
      },
      raw: {
        summary: 'The picture as the body, the fields in the query',
        query: { training_job_id: 22, filename: 'scene-1003.png' },
        body: { mediaType: 'image/*', value: scene },
      },
    },
    replies: {
      multipart: { summary: 'Boxes', status: 200, value: detection },
      options: { summary: 'Boxes and masks', status: 200, value: segmentationWithoutOverlay },
      raw: { summary: 'Classes', status: 200, value: classification },
      handle: {
        summary: 'Boxes for an uploaded picture, without an overlay',
        status: 200,
        value: { ...detectionWithoutOverlay, image_path: handle },
      },
      query: {
        summary: 'Boxes for an uploaded picture',
        status: 200,
        value: { ...detection, image_path: handle },
      },
    },
  },
  batchInference: {
    requests: {
      json: {
        summary: 'Two files, one of which is no picture; answered as JSON in their order',
        body: form({ files: [scene, '@README.md'], training_job_id: 22 }),
      },
      lines: {
        summary: 'The same, answered line by line',
        headers: { Accept: 'application/x-ndjson' },
        body: form({ files: [scene, '@README.md'], training_job_id: 22 }),
      },
    },
    replies: {
      json: {
        summary: 'An answer, and a problem document at its place',
        status: 200,
        value: { results: [classificationWithoutOverlay, damaged] },
      },
      lines: {
        summary: 'A line for each picture, as it is done',
        status: 200,
        mediaType: 'application/x-ndjson',
        value: `${JSON.stringify({ index: 0, ...classificationWithoutOverlay })}\n${JSON.stringify(damaged)}\n`,
      },
    },
  },
  uploadImage: {
    requests: {
      plain: { summary: 'A picture, for a session of its own', body: form({ file: scene }) },
      session: {
        summary: 'A further picture of a session',
        body: form({ file: '@models/samples/scene-1006.png', session_id: session }),
      },
    },
    replies: done({ server_path: handle, filename: 'scene-1003.png', session_id: session }),
  },
  deleteSession: {
    requests: { plain: { summary: 'A session', params: { session_id: session } } },
    replies: {
      cleaned: { summary: 'Its pictures are gone', status: 200, value: { status: 'cleaned', session_id: session } },
      not_found: { summary: 'There was none', status: 200, value: { status: 'not_found', session_id: session } },
    },
  },
  listJobs: {
    requests: {
      plain: { summary: 'The first page', query: { limit: 1 } },
      next: { summary: 'The next page', query: { limit: 1, cursor: 'YmVmb3JlOjIy' } },
    },
    replies: done({ jobs: [demoJob], next_cursor: 'YmVmb3JlOjIw' }),
  },
  createJob: {
    requests: { plain: { summary: 'A job', body: json(ownJobInput) } },
    replies: done(createdJob, 201),
  },
  getJob: {
    requests: { plain: { summary: 'A demo job', ...demo } },
    replies: done(demoJob),
  },
  putJob: {
    requests: { plain: { summary: 'The platform’s job 1001', ...own, body: json(ownJobInput) } },
    replies: {
      created: { summary: 'It is new', status: 201, value: ownJob },
      replaced: { summary: 'It was there and is replaced', status: 200, value: ownJob },
    },
  },
  patchJob: {
    requests: { plain: { summary: 'Its training is over', ...own, body: json({ status: 'completed' }) } },
    replies: done({ ...ownJob, status: 'completed', updated_at: '2026-11-24T10:41:07.120Z' }),
  },
  deleteJob: {
    requests: {
      plain: { summary: 'A job under an id of the platform', ...own },
      created: { summary: 'A job under an id of the gateway', params: { id: createdJob.id } },
    },
    replies: {},
  },
  listCheckpoints: {
    requests: { plain: { summary: 'Checkpoints of a job', ...own } },
    replies: done({ checkpoints: [{ ...checkpoint, serving: [replica] }] }),
  },
  uploadCheckpoint: {
    requests: {
      plain: {
        summary: 'A checkpoint, and what is known of it',
        ...own,
        body: form({ file: '@models/wardrobe-det.onnx', metadata: { epoch: 90, is_best: true } }),
      },
    },
    replies: {
      accepted: { summary: 'The worker can run it', status: 201, value: { checkpoints: [checkpoint] } },
      known: { summary: 'The job has it already', status: 200, value: { checkpoints: [checkpoint] } },
      pending: {
        summary: 'It is kept; the worker is away and will look into it later',
        status: 202,
        value: { checkpoints: [pendingCheckpoint] },
      },
    },
  },
  patchCheckpoint: {
    requests: {
      best: { summary: 'The best from now on', ...ownCheckpoint, body: json({ is_best: true }) },
      pin: { summary: 'Kept loaded from now on', ...ownCheckpoint, body: json({ pinned: true }) },
    },
    replies: {
      best: { summary: 'It answers for its job', status: 200, value: checkpoint },
      pin: { summary: 'The workers keep it loaded', status: 200, value: { ...checkpoint, pinned: true } },
    },
  },
  deleteCheckpoint: { requests: { plain: { summary: 'A checkpoint', ...ownCheckpoint } }, replies: {} },
  warmCheckpoint: {
    requests: {
      plain: { summary: 'A checkpoint, given a minute', ...ownCheckpoint, query: { timeout_ms: 60_000 } },
    },
    replies: done({ ...changed, replicas: [{ ...replica, problem: null }] }),
  },
  unloadCheckpoint: {
    requests: { plain: { summary: 'A checkpoint', ...ownCheckpoint } },
    replies: done({ ...changed, replicas: [{ ...unloadedReplica, problem: null }] }),
  },
  listModels: {
    requests: {
      plain: { summary: 'All', query: {} },
      timm: { summary: 'Of one framework', query: { framework: 'timm' } },
    },
    replies: done({
      models: [{ ...detectorEntry, worker: ultralyticsUrl }],
      workers: workers.map((each) => ({ ...each, reachable: true, reason: null, families: families[each.framework] })),
    }),
  },
  createKey: {
    requests: { plain: { summary: 'A key of an owner', body: json(apiKeyInput) } },
    replies: done(createdApiKey, 201),
  },
  listKeys: {
    requests: { plain: { summary: 'The first page', query: { limit: 100 } } },
    replies: done({ keys: [apiKey], next_cursor: null }),
  },
  deleteKey: { requests: { plain: { summary: 'A key', params: { id: apiKey.id } } }, replies: {} },
  health: { requests: noRequest, replies: done({ status: 'ok', service: 'gateway', uptime_s: 9 }) },
  ready: {
    requests: noRequest,
    replies: {
      ready: {
        summary: 'It can serve',
        status: 200,
        value: {
          ready: true,
          database: { reachable: true, migrated: true },
          workers: readyWorkers,
          reason: null,
        },
      },
      unready: {
        summary: 'The database is away',
        status: 503,
        value: {
          ready: false,
          database: { reachable: false, migrated: false },
          workers: readyWorkers,
          reason: 'the database cannot be reached',
        },
      },
    },
  },
  metrics: {
    requests: noRequest,
    replies: { done: { summary: 'Done', status: 200, mediaType: 'text/plain', value: metricsText } },
  },
  openapi: { requests: noRequest, replies: done({ openapi: '3.1.0' }) },
} as const satisfies Record<keyof typeof gatewayRoutes, RouteExamples>;
