export { centresToCorners, cornersToCentres, scaleBoxes } from './boxes/convert.js';
export {
  type CandidateOptions,
  candidatesOfYolo,
  type DetectionOptions,
  type Detections,
  detectionsOfYolo,
  pickDetections,
} from './boxes/detections.js';
export { type NmsOptions, nms } from './boxes/nms.js';
export { orderByScore } from './boxes/order.js';
export { unletterboxBoxes, unletterboxPoints } from './boxes/unletterbox.js';
export { assertRgbImage, type RgbImage, type Size } from './pixels/image.js';
export { type LetterboxOptions, letterbox, letterboxToTensor } from './pixels/letterbox.js';
export { type Placement, placementOf } from './pixels/placement.js';
export { resizeCv2Bilinear } from './pixels/resize-cv2-bilinear.js';
export { type NormaliseOptions, type Triple, toChw } from './tensors/to-chw.js';
