import type { Family } from '@lensgate/worker-kit/family';
import { imageClassifier } from './image-classifier.js';

/** The first family that recognizes a checkpoint runs it. */
export const families: readonly Family[] = [imageClassifier];
