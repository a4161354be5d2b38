import { join } from 'node:path';
import type { DemoJob } from '@lensgate/prisma';

/** A demo job and the file of its checkpoint in the folder of demo models. */
export interface DemoEntry {
  readonly job: Omit<DemoJob, 'checkpoints'>;
  readonly file: string;
}

const wardrobe = ['t-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle-boot'];

const demoJob = (id: number, name: string, framework: string, taskType: string): DemoEntry => ({
  job: {
    id,
    name,
    framework,
    modelName: name,
    taskType,
    numClasses: wardrobe.length,
    classNames: wardrobe,
    status: 'completed',
  },
  file: `${name}.onnx`,
});

/** Jobs that a newcomer finds; their ids are fixed, documents and examples name them. */
export const demoJobs: readonly DemoEntry[] = [
  demoJob(20, 'wardrobe-det', 'ultralytics', 'object_detection'),
  demoJob(21, 'wardrobe-seg', 'ultralytics', 'instance_segmentation'),
  demoJob(22, 'wardrobe-cls', 'timm', 'image_classification'),
];

export const demoPath = (modelsDir: string, { file }: DemoEntry): string => join(modelsDir, file);
