import type { LabelScore, PredictedBox } from '@lensgate/contracts';
import type { Mask } from '@lensgate/vision';

/** One instance: its box, its mask in the picture's frame, and its outline in px of the picture. Rendering frees the mask. */
export interface Instance {
  readonly box: PredictedBox;
  readonly mask: Mask;
  /** [n, 2] x, y; made when it is asked for */
  polygon(): Float32Array;
}

/** What a family answers for one picture; rendering and encoding read it. */
export type Answer =
  | { readonly kind: 'detections'; readonly boxes: readonly PredictedBox[] }
  /** Instances come one at a time, most confident first: three hundred masks of a 4K picture are never in memory at once. */
  | { readonly kind: 'instances'; readonly instances: Iterable<Instance>; readonly countMax: number }
  | { readonly kind: 'classes'; readonly predictions: readonly LabelScore[] };
