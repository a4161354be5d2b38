import type { InferenceReply } from '@lensgate/contracts';
import { classColours } from '@lensgate/vision';

interface AnsweredClass {
  readonly id: number;
  readonly label: string;
}

/** The classes that an answer speaks of. */
export const classesOf = (reply: InferenceReply): AnsweredClass[] =>
  reply.task_type === 'image_classification'
    ? reply.top5_predictions.map(({ label_id, label }) => ({ id: label_id, label }))
    : reply.predicted_boxes.map(({ class_id, label }) => ({ id: class_id, label }));

/**
 * The names that the API's overlay takes its colours from: all of the checkpoint's, since one class may give way to
 * another that the picture does not show.
 * @param candidates lists of names by class id, the most trusted first; one that does not name the answer's classes is not meant
 */
export function namesBehind(
  classes: readonly AnsweredClass[],
  candidates: readonly (readonly string[] | null | undefined)[],
): readonly string[] {
  const fitting = candidates.find((names) => names && classes.every(({ id, label }) => names[id] === label));
  if (fitting) return fitting;
  // Classes without names are called by their number, and get their colours one by one.
  return classes.every(({ id, label }) => label === String(id)) ? [] : classes.map(({ label }) => label);
}

/** The CSS colour of each label: the one that the API's overlay draws it in. */
export function colourByLabel(names: readonly string[]): (label: string) => string {
  const colours = classColours(names);
  const known = new Map(names.map((name, index) => [name, colours[index]!]));
  return (label) => `rgb(${(known.get(label) ?? classColours([label])[0]!).join(' ')})`;
}
