import { z } from 'zod';
import { Framework, TaskType } from './tasks.js';

/** Fields that say what a worker is, the same wherever workers are spoken of. */
export const workerFields = {
  /** As the worker says it. */
  framework: Framework.meta({ description: 'The framework that it serves.' }),
  /** As the gateway is configured. */
  group: z.string().meta({ description: 'The framework that it serves; `fallback` for all others.' }),
  url: z.string().meta({ description: 'Where the gateway reaches it.' }),
  families: z
    .array(
      z.object({
        name: z.string().meta({ description: 'How its checkpoints are fed and read.' }),
        task_type: TaskType.meta({ description: 'What its checkpoints do.' }),
      }),
    )
    .meta({ description: 'The kinds of models that it can run.' }),
};
