import { type NmsOptions, nms } from './nms.js';
import { orderByScore } from './order.js';

/** Boxes that a model found, best first; the arrays run in parallel. */
export interface Detections {
  readonly count: number;
  /** [count, 4] x1, y1, x2, y2, model px */
  readonly boxes: Float32Array;
  /** [count] */
  readonly scores: Float32Array;
  /** [count] class ids */
  readonly classes: Int32Array;
  /** [count] column of the output each came from: where its further values (mask coefficients, keypoints) are read */
  readonly anchors: Uint32Array;
}

export interface CandidateOptions {
  readonly classCount: number;
  readonly anchorCount: number;
  /** a box stays when its best class scores above this (strictly) */
  readonly scoreMin: number;
  /** class ids that may stay; absent: all */
  readonly classes?: readonly number[];
}

export interface DetectionOptions extends CandidateOptions, NmsOptions {}

/** Boxes that enter the suppression at most (Ultralytics' `max_nms`). */
const candidateCountMax = 30_000;

/**
 * Reads the detections of a classical YOLO output (v5u, v8, v9, 11, 12): candidates, then {@link nms}.
 *
 * @param output [4 + classCount + extras, anchorCount]: rows centre x, centre y, width, height (model px), one score row
 *               per class, then rows that are not read here
 * @throws RangeError when `output` has fewer rows than `4 + classCount`, or no whole number of them
 */
export function detectionsOfYolo(output: Float32Array, options: DetectionOptions): Detections {
  const candidates = candidatesOfYolo(output, options);
  return pickDetections(candidates, nms(candidates.boxes, candidates.scores, candidates.classes, options));
}

/**
 * One candidate per anchor: its best class, where that scores above the threshold; the lowest id when classes tie.
 * An anchor with NaN among its scores is none. Best first, equal scores by anchor, at most 30 000.
 *
 * Source: Ultralytics `non_max_suppression` with `multi_label` off.
 */
export function candidatesOfYolo(output: Float32Array, options: CandidateOptions): Detections {
  const { classCount, anchorCount, scoreMin } = options;
  assertLayout(output, options);
  const best = output.slice(4 * anchorCount, 5 * anchorCount);
  const bestClass = new Int32Array(anchorCount);
  // Row by row, as the tensor lies in memory.
  for (let id = 1; id < classCount; id++) {
    const row = (4 + id) * anchorCount;
    for (let anchor = 0; anchor < anchorCount; anchor++) {
      const score = output[row + anchor]!;
      if (score > best[anchor]!) {
        best[anchor] = score;
        bestClass[anchor] = id;
      } else if (Number.isNaN(score)) best[anchor] = Number.NaN;
    }
  }
  const limit = Math.fround(scoreMin);
  const wanted = options.classes === undefined ? undefined : new Set(options.classes);
  const anchors: number[] = [];
  for (let anchor = 0; anchor < anchorCount; anchor++) {
    if (best[anchor]! > limit && (wanted === undefined || wanted.has(bestClass[anchor]!))) anchors.push(anchor);
  }
  const order = orderByScore(Float32Array.from(anchors, (anchor) => best[anchor]!));
  const count = Math.min(order.length, candidateCountMax);
  const candidates = emptyDetections(count);
  for (let i = 0; i < count; i++) {
    const anchor = anchors[order[i]!]!;
    const x = output[anchor]!;
    const y = output[anchorCount + anchor]!;
    const halfWidth = Math.fround(output[2 * anchorCount + anchor]! / 2);
    const halfHeight = Math.fround(output[3 * anchorCount + anchor]! / 2);
    candidates.boxes[i * 4] = x - halfWidth;
    candidates.boxes[i * 4 + 1] = y - halfHeight;
    candidates.boxes[i * 4 + 2] = x + halfWidth;
    candidates.boxes[i * 4 + 3] = y + halfHeight;
    candidates.scores[i] = best[anchor]!;
    candidates.classes[i] = bestClass[anchor]!;
    candidates.anchors[i] = anchor;
  }
  return candidates;
}

/** The detections at `indices`, in that order. */
export function pickDetections(detections: Detections, indices: ArrayLike<number>): Detections {
  const picked = emptyDetections(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]!;
    picked.boxes.set(detections.boxes.subarray(from * 4, from * 4 + 4), i * 4);
    picked.scores[i] = detections.scores[from]!;
    picked.classes[i] = detections.classes[from]!;
    picked.anchors[i] = detections.anchors[from]!;
  }
  return picked;
}

function emptyDetections(count: number): Detections {
  return {
    count,
    boxes: new Float32Array(count * 4),
    scores: new Float32Array(count),
    classes: new Int32Array(count),
    anchors: new Uint32Array(count),
  };
}

function assertLayout(output: Float32Array, { classCount, anchorCount }: CandidateOptions): void {
  const rows = output.length / anchorCount;
  if (classCount < 1 || anchorCount < 1 || !Number.isInteger(rows) || rows < 4 + classCount) {
    throw new RangeError(`${output.length} values are no output of ${classCount} classes and ${anchorCount} anchors`);
  }
}
