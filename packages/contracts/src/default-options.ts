/** The options as they are when the caller names none; those that are not here are absent then. */
export const defaultOptions = {
  confidence_threshold: 0.25,
  iou_threshold: 0.45,
  max_detections: 100,
  top_k: 5,
  agnostic_nms: false,
  retina_masks: true,
  masks: 'polygon',
  overlay: true,
  image_format: 'png',
  candidates: false,
  debug: false,
} as const;
