import { startWorker } from '@lensgate/worker-kit/start';

await startWorker(() => import('./worker.js'), { defaultPort: 8001 });
