import type { WorkerSpec } from '@lensgate/worker-kit';
import { families } from './families/index.js';

export const worker: WorkerSpec = {
  framework: 'ultralytics',
  families,
  childEntry: new URL('./child.js', import.meta.url),
};
