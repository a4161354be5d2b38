/** Everything that overlays are drawn with; each file has one kind of thing to draw. */
export { drawDetections } from './draw-boxes.js';
export { drawTopClasses } from './draw-classes.js';
export { COCO_SKELETON, drawKeypoints } from './draw-keypoints.js';
export { blendClassMap, blendMask, outlineMask } from './draw-masks.js';
export { drawStyleFor } from './draw-style.js';
