import { detectorSha256 } from './results.js';

const held = {
  children: 1,
  memory_bytes: 159313920,
  load_ms: 96.4,
  requests: 7,
  last_used_at: '2026-11-24T10:33:19.838Z',
  pinned: false,
};
const notHeld = { ...held, children: 0, memory_bytes: null, load_ms: null };

export const detectorEntry = {
  name: 'wardrobe-det',
  sha256: detectorSha256,
  bytes: 1811957,
  framework: 'ultralytics',
  state: 'ready',
  reason: null,
  family: 'yolo-detect',
  task_type: 'object_detection',
  num_classes: 10,
  ...held,
};

/** The same after its processes have ended. */
export const unloadedEntry = { ...detectorEntry, ...notHeld, state: 'stored' };

export const ultralyticsUrl = 'http://127.0.0.1:8002';

/** How the worker holds a checkpoint of a job, and after it was unloaded. */
export const replica = { worker: ultralyticsUrl, state: 'ready', warm: true, reason: null, ...held };
export const unloadedReplica = { ...replica, ...notHeld, state: 'stored', warm: false };

export const ultralyticsFamilies = [
  { name: 'yolo-detect', task_type: 'object_detection' },
  { name: 'yolo-segment', task_type: 'instance_segmentation' },
];

export const metricsText = [
  '# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.',
  '# TYPE process_cpu_seconds_total counter',
  'process_cpu_seconds_total{service="gateway"} 1.615477',
  '…',
].join('\n');
