import { detectorSha256 } from './results.js';

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
  children: 1,
  resident_bytes: 159313920,
  last_used_at: '2026-11-24T10:33:19.838Z',
};

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
