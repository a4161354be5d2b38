import { addErrorsPage } from '@lensgate/http-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.js';
import { addBatchInference } from './batch-inference.js';
import { addChangeServing } from './change-serving.js';
import { addCreateJob } from './create-job.js';
import { addDeleteCheckpoint } from './delete-checkpoint.js';
import { addDeleteJob } from './delete-job.js';
import { addDeleteSession } from './delete-session.js';
import { addDocs } from './docs.js';
import { addGetJob } from './get-job.js';
import { addHealth } from './health.js';
import { addListCheckpoints } from './list-checkpoints.js';
import { addListJobs } from './list-jobs.js';
import { addListModels } from './list-models.js';
import { addPatchCheckpoint } from './patch-checkpoint.js';
import { addPatchJob } from './patch-job.js';
import { addPutJob } from './put-job.js';
import { addQuickInference } from './quick-inference.js';
import { addReady } from './ready.js';
import { addUploadCheckpoint } from './upload-checkpoint.js';
import { addUploadImage } from './upload-image.js';
import { addWebPage } from './web-page.js';

/** Every operation of the gateway, one file each. */
export async function addRoutes(app: FastifyInstance, parts: GatewayParts): Promise<void> {
  addQuickInference(app, parts);
  addBatchInference(app, parts);
  addUploadImage(app, parts);
  addDeleteSession(app, parts);
  addListJobs(app, parts);
  addCreateJob(app, parts);
  addGetJob(app, parts);
  addPutJob(app, parts);
  addPatchJob(app, parts);
  addDeleteJob(app, parts);
  addListCheckpoints(app, parts);
  addUploadCheckpoint(app, parts);
  addPatchCheckpoint(app, parts);
  addDeleteCheckpoint(app, parts);
  addChangeServing(app, parts);
  addListModels(app, parts);
  addHealth(app);
  addReady(app, parts);
  addErrorsPage(app);
  await addDocs(app);
  await addWebPage(app, { webDir: parts.config.webDir, logger: parts.logger });
}
