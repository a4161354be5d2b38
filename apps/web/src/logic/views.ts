import type { TaskType } from '@lensgate/contracts';

/** `result` is drawn by the page over the picture; `overlay` and `mask` are pictures that the API has drawn. */
export const views = ['result', 'overlay', 'mask', 'original'] as const;
export type View = (typeof views)[number];

export const viewsOf = (task: TaskType): View[] => {
  if (task === 'image_classification') return ['original', 'overlay'];
  return views.filter((view) => view !== 'mask' || task === 'instance_segmentation');
};

/** Whether the API has to draw for this view. */
export const isDrawnByApi = (view: View): view is 'overlay' | 'mask' => view === 'overlay' || view === 'mask';
