import { z } from 'zod';
import { emptyAsAbsent, wireBoolean, wireIntegerList, wireNumber } from './wire-values.js';

const fraction = () => wireNumber(z.number().min(0).max(1));

/** What a caller may choose for one inference; every form of request reads this one schema. */
export const optionFields = {
  confidence_threshold: fraction().default(0.25).meta({ description: 'Detections at or below it are dropped.' }),
  iou_threshold: fraction().default(0.45).meta({ description: 'Overlap above which NMS drops the weaker box.' }),
  max_detections: wireNumber(z.int().min(1).max(1_000)).default(100),
  top_k: wireNumber(z.int().min(1).max(1_000))
    .default(5)
    .meta({ description: 'How many classes a classifier answers.' }),
  classes: emptyAsAbsent(wireIntegerList.optional()).meta({ description: 'Only these class ids, comma-separated.' }),
  agnostic_nms: wireBoolean.default(false).meta({ description: 'Let boxes of different classes suppress each other.' }),
  retina_masks: wireBoolean.default(true).meta({ description: "Masks at the picture's size instead of the model's." }),
  masks: z.enum(['polygon', 'rle', 'none']).default('polygon'),
  overlay: wireBoolean.default(true).meta({ description: 'Answer the picture with the result drawn on it.' }),
  image_format: z.enum(['png', 'jpeg', 'webp']).default('png').meta({ description: 'Format of the overlay.' }),
  tile: emptyAsAbsent(wireNumber(z.int().min(64).max(8_192)).optional()).meta({ description: 'Tile size in px.' }),
  candidates: wireBoolean.default(false),
  debug: wireBoolean.default(false),
  timeout_ms: emptyAsAbsent(wireNumber(z.int().min(1).max(3_600_000)).optional()).meta({
    description: 'Give up after this time, counted from arrival.',
  }),
};

export const InferenceOptions = z.object(optionFields);
export type InferenceOptions = z.infer<typeof InferenceOptions>;

/** The options as they are when the caller names none. */
export const defaultOptions: InferenceOptions = InferenceOptions.parse({});
