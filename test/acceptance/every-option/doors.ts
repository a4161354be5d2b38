import type { Framework, TaskType } from '@lensgate/contracts';
import {
  call,
  detectModel,
  type Fields,
  formOf,
  referencePictures,
  type Stack,
  type StartedWorker,
  sha256Of,
  startStack,
} from '@lensgate/testing';

/** A demo job, as a worker must be told of it. */
export interface Job {
  readonly training_job_id: number;
  readonly framework: Framework;
  readonly model_name: string;
  readonly task_type: TaskType;
  readonly num_classes: number;
}

const ofTask = (id: number, framework: Framework, model: string, task: TaskType): Job => ({
  training_job_id: id,
  framework,
  model_name: model,
  task_type: task,
  num_classes: 10,
});
export const jobs = {
  detector: ofTask(20, 'ultralytics', 'wardrobe-det', 'object_detection'),
  segmenter: ofTask(21, 'ultralytics', 'wardrobe-seg', 'instance_segmentation'),
  classifier: ofTask(22, 'timm', 'wardrobe-cls', 'image_classification'),
} as const satisfies Record<string, Job>;
export type JobName = keyof typeof jobs;

/** Six garments, some of which overlap. */
const sceneName = 'scene-1006.png';
export const pictureName = 'picture.png';

/** A detector that does not name its classes. */
const namelessModel = detectModel({ metadata: { names: undefined } });
/** What a worker is told to run it. */
export const nameless: Fields = { checkpoint_sha256: sha256Of(namelessModel), num_classes: 3 };

/** Gateway and workers, and a picture that was uploaded for its handle. */
export interface Doors {
  readonly stack: Stack;
  readonly scene: Buffer;
  readonly handle: string;
  workerOf(job: Job): StartedWorker;
}

export async function openDoors(): Promise<Doors> {
  const stack = await startStack({ frameworks: ['ultralytics', 'timm'] });
  const workerOf = ({ framework }: Job) => stack.workers.get(framework)!;
  await workerOf(jobs.detector).put(namelessModel);
  const scene = referencePictures().find(({ name }) => name === sceneName)!.bytes;
  const { body, contentType } = formOf([{ name: 'file', value: scene, filename: pictureName, type: 'image/png' }]);
  const uploaded = await call<{ server_path: string }>(
    `${stack.gateway.url}/api/v1/test_inference/inference/upload-image`,
    { method: 'POST', body, headers: { 'content-type': contentType } },
  );
  return { stack, scene, handle: uploaded.body.server_path, workerOf };
}
