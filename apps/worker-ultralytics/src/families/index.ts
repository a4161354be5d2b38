import type { Family } from '@lensgate/worker-kit/family';
import { yoloDetect } from './yolo-detect.js';
import { yoloSegment } from './yolo-segment.js';

/** The first family that recognizes a checkpoint runs it. */
export const families: readonly Family[] = [yoloDetect, yoloSegment];
