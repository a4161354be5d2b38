import type { InferenceReply, PredictedBox, PredictedMask } from '@lensgate/contracts';

/** Boxes are asked for once down to this confidence; above it the page filters by itself. */
export const confidenceFloor = 0.05;
/** The API's own default. */
export const confidenceDefault = 0.25;
export const confidenceCeiling = 0.95;
export const confidenceStep = 0.01;

/** One detection, numbered as in the answer, which is in descending order of confidence. */
export interface Detection {
  readonly number: number;
  readonly box: PredictedBox;
  readonly mask: PredictedMask | undefined;
}

/** The detections of an answer; a classifier has none. */
export function detectionsOf(answer: InferenceReply): Detection[] {
  if (answer.task_type === 'image_classification') return [];
  const masks = answer.task_type === 'instance_segmentation' ? answer.predicted_masks : [];
  return answer.predicted_boxes.map((box, index) => ({ number: index + 1, box, mask: masks[index] }));
}

/**
 * What the API would have answered at a higher threshold: it drops what is at or below it, and a weaker box never
 * suppresses a stronger one, so that leaving out afterwards gives the same boxes.
 */
export const shownAt = (detections: readonly Detection[], threshold: number): Detection[] =>
  detections.filter(({ box }) => box.confidence > threshold);

const areaOf = ({ box }: Detection): number => (box.x2 - box.x1) * (box.y2 - box.y1);

/** In descending order of the area of their boxes. */
export const largestFirst = (detections: readonly Detection[]): Detection[] =>
  [...detections].sort((one, other) => areaOf(other) - areaOf(one));

/** The highest threshold in whole steps that still shows something; undefined when nothing can be shown. */
export function thresholdThatShows(detections: readonly Detection[]): number | undefined {
  const best = Math.max(...detections.map(({ box }) => box.confidence));
  const inSteps = (steps: number) => Number((steps * confidenceStep).toFixed(2));
  const steps = Math.floor(best / confidenceStep + 1e-9);
  const threshold = Math.min(confidenceCeiling, inSteps(steps) < best ? inSteps(steps) : inSteps(steps - 1));
  return threshold >= confidenceFloor ? threshold : undefined;
}

/** How many of each label, most frequent first. */
export function countByLabel(detections: readonly Detection[]): { label: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { box } of detections) counts.set(box.label, (counts.get(box.label) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => b.count - a.count);
}
