import type { TrainingJob } from '@lensgate/contracts';
import { confidenceFloor } from '../logic/shown-boxes.js';

type Fields = readonly (readonly [name: string, value: string])[];

export const hasBoxes = ({ task_type }: TrainingJob): boolean => task_type !== 'image_classification';

/** Everything down to the floor, without drawings: the page filters and draws by itself. */
export const fieldsForData = (job: TrainingJob): Fields => [
  ['training_job_id', String(job.id)],
  ...(hasBoxes(job) ? [['confidence_threshold', String(confidenceFloor)] as const] : []),
  ['overlay', 'false'],
];

/** The pictures that the API draws, at the threshold that is shown. */
export const fieldsForPictures = (job: TrainingJob, threshold: number): Fields => [
  ['training_job_id', String(job.id)],
  ...(hasBoxes(job) ? [['confidence_threshold', String(threshold)] as const] : []),
  ['overlay', 'true'],
];
