import type { Family } from '@lensgate/worker-kit/family';

/** The first family that recognizes a checkpoint runs it. */
export const families: readonly Family[] = [];
