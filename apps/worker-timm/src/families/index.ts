import type { Family } from '@lensgate/worker-kit/family';
import { timmClassifier } from './timm-classifier.js';

/** The first family that recognizes a checkpoint runs it. */
export const families: readonly Family[] = [timmClassifier];
