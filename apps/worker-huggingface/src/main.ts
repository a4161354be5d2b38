import { startWorker } from '@lensgate/worker-kit';
import { worker } from './worker.js';

await startWorker(worker, { defaultPort: 8003 });
