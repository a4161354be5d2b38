import { z } from 'zod';
import { defaultOptions } from './default-options.js';
import { emptyAsAbsent, wireBoolean, wireIntegerList, wireNumber } from './wire-values.js';

const fraction = () => wireNumber(z.number().min(0).max(1));

/** What a caller may choose for one inference; every form of request reads this one schema. */
export const optionFields = {
  confidence_threshold: fraction()
    .default(defaultOptions.confidence_threshold)
    .meta({ description: 'Detections at or below this confidence are dropped. A fraction from 0 to 1.' }),
  iou_threshold: fraction().default(defaultOptions.iou_threshold).meta({
    description:
      'Overlap (intersection over union) above which the weaker of two boxes is dropped. A fraction from 0 to 1.',
  }),
  max_detections: wireNumber(z.int().min(1).max(1_000))
    .default(defaultOptions.max_detections)
    .meta({ description: 'At most so many detections are answered, the most confident ones.' }),
  top_k: wireNumber(z.int().min(1).max(1_000))
    .default(defaultOptions.top_k)
    .meta({ description: 'How many classes a classifier answers in `predictions`, at most as many as it has.' }),
  classes: emptyAsAbsent(wireIntegerList.optional()).meta({
    description: 'Only detections of these class ids; in forms and queries comma-separated. Default: all classes.',
  }),
  agnostic_nms: wireBoolean
    .default(defaultOptions.agnostic_nms)
    .meta({ description: 'Whether boxes of different classes suppress each other, too.' }),
  retina_masks: wireBoolean.default(defaultOptions.retina_masks).meta({
    description:
      "Whether masks are cut at the picture's size (smoother outlines) instead of at the model's and enlarged then.",
  }),
  masks: z.enum(['polygon', 'rle', 'none']).default(defaultOptions.masks).meta({
    description: 'How masks are answered: one outline each, run lengths as COCO writes them (exact), or not at all.',
  }),
  overlay: wireBoolean
    .default(defaultOptions.overlay)
    .meta({ description: 'Whether the answer has the picture with the result drawn on it.' }),
  image_format: z
    .enum(['png', 'jpeg', 'webp'])
    .default(defaultOptions.image_format)
    .meta({ description: 'Format of the overlay. Masks are always PNG.' }),
  tile: emptyAsAbsent(wireNumber(z.int().min(64).max(8_192)).optional()).meta({
    description:
      'Side in px of the tiles that a large picture is cut into, where the model’s family can do so. Default: no tiles.',
  }),
  candidates: wireBoolean.default(defaultOptions.candidates).meta({
    description: 'Whether what was found before suppression is answered as well, where the model’s family can do so.',
  }),
  debug: wireBoolean.default(defaultOptions.debug).meta({
    description: 'Whether the answer says more of how it was made, where the model’s family can do so.',
  }),
  timeout_ms: emptyAsAbsent(wireNumber(z.int().min(1).max(3_600_000)).optional()).meta({
    description:
      'Give up after so many milliseconds, counted from arrival, waiting included. Default, and most: the limit of the server (300,000 unless set).',
  }),
};

export const InferenceOptions = z.object(optionFields);
export type InferenceOptions = z.infer<typeof InferenceOptions>;
