import type { LabelScore, PredictedBox } from '@lensgate/contracts';

/** A binary mask over a part of the picture, px; `data` is row-major, 1 inside. */
export interface PlacedMask {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What a family answers for one picture; rendering and encoding read it. */
export type Answer =
  | { readonly kind: 'detections'; readonly boxes: readonly PredictedBox[] }
  | { readonly kind: 'classes'; readonly predictions: readonly LabelScore[] };
