import type { WorkerSpec } from '@lensgate/worker-kit';
import { families } from './families/index.js';

export const worker: WorkerSpec = {
  framework: 'huggingface',
  families,
  childEntry: new URL('./child.js', import.meta.url),
};
