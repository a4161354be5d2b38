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
export { classColours, instancePalette, type Rgb, textColourOn } from './colours/colours.js';
export { outerContours, type Ring } from './masks/contours.js';
export { type Mask, maskOf, wholeMask } from './masks/mask.js';
export { joinRings, maskPolygon } from './masks/polygon.js';
export {
  type CropRule,
  coefficientsAt,
  cropRuleOf,
  inputMask,
  maskToImage,
  type PrototypeMaskOptions,
  type Prototypes,
  retinaMask,
} from './masks/prototype.js';
export { columnRuns, decodeRle, encodeRle, type Rle } from './masks/rle.js';
export { type CenterCropOptions, centerCrop, resizeAndCrop } from './pixels/crop.js';
export {
  type HuggingfaceSize,
  huggingfaceDepthSize,
  huggingfaceResizedSize,
  type KeepAspectOptions,
} from './pixels/huggingface-size.js';
export { assertRgbImage, type RgbImage, type Size } from './pixels/image.js';
export { type LetterboxOptions, letterbox, letterboxToTensor } from './pixels/letterbox.js';
export { type Placement, placementOf } from './pixels/placement.js';
export { resizeCv2Bilinear } from './pixels/resize-cv2-bilinear.js';
export { type PilFilter, resizePil } from './pixels/resize-pil.js';
export { shortestEdgeSize, type TimmInputOptions, timmInput } from './pixels/timm-input.js';
export { sigmoid, softmax } from './tensors/softmax.js';
export { type NormaliseOptions, type Triple, toChw } from './tensors/to-chw.js';
export { topK } from './tensors/top-k.js';
