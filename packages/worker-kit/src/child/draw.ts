/** Everything that overlays are drawn with; each file has one kind of thing to draw. */
export { type DrawDetectionsOptions, type DrawnDetection, drawDetections } from './draw-boxes.js';
export { type DrawnClass, drawTopClasses } from './draw-classes.js';
export { COCO_SKELETON, type DrawnKeypoint, drawKeypoints, type Skeleton } from './draw-keypoints.js';
export { blendClassMap, blendMask, drawMasks, outlineMask, type RegionMask } from './draw-masks.js';
export { type DrawStyle, drawStyleFor } from './draw-style.js';
export { type RgbaImage, type RgbImage, toRgbaImage } from './rgba-image.js';
