import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Framework, TaskType } from '@lensgate/contracts';
import type { DemoJob } from '@lensgate/prisma';
import { z } from 'zod';

/** A demo job and the file of its checkpoint in the folder of demo models. */
export interface DemoEntry {
  readonly job: Omit<DemoJob, 'checkpoints'>;
  readonly file: string;
}

const Manifest = z.object({
  models: z.array(
    z.object({
      name: z.string().min(1),
      file: z.string().regex(/^[\w.-]+\.onnx$/),
      framework: Framework,
      task_type: TaskType,
      num_classes: z.int(),
      class_names: z.array(z.string()),
      demo_job: z.object({ id: z.int(), name: z.string().min(1) }).optional(),
    }),
  ),
});

/**
 * The jobs that a newcomer finds, from `models.json` in the folder of demo models; their ids are fixed, documents and
 * examples name them.
 * @returns none where there is no such file
 */
export async function readDemoEntries(modelsDir: string): Promise<DemoEntry[]> {
  const text = await readFile(join(modelsDir, 'models.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{"models":[]}';
    throw error;
  });
  return Manifest.parse(JSON.parse(text)).models.flatMap(({ demo_job: demo, ...model }) =>
    demo
      ? [
          {
            job: {
              id: demo.id,
              name: demo.name,
              framework: model.framework,
              modelName: model.name,
              taskType: model.task_type,
              numClasses: model.num_classes,
              classNames: model.class_names,
              status: 'completed',
            },
            file: model.file,
          },
        ]
      : [],
  );
}
