import { orderByScore } from './order.js';

export interface NmsOptions {
  /** a box goes when its IoU with a better kept one is above this, 0…1 */
  readonly iouMax: number;
  /** whether boxes of different classes can suppress each other */
  readonly scope: 'per-class' | 'agnostic';
  /** boxes kept at most */
  readonly countMax: number;
}

/** Ultralytics moves each class this many px away from the one before it, so that classes never overlap. */
const classOffset = 7680;

/**
 * Greedy non-maximum suppression as Ultralytics and torchvision do it, every step in float32. The class offset is part
 * of that: it costs coordinates their last bits, and boxes near the threshold fall as they do there. Boxes without
 * area (IoU 0/0) are kept.
 *
 * @param boxes   [n, 4] x1, y1, x2, y2, px
 * @param scores  [n], in any order; a box whose score is NaN is not kept
 * @param classes [n] class ids
 * @returns       indices of the boxes kept, by descending score, equal scores by ascending index
 * @throws RangeError when the lengths do not fit each other
 */
export function nms(
  boxes: Float32Array,
  scores: Float32Array,
  classes: Int32Array,
  { iouMax, scope, countMax }: NmsOptions,
): Uint32Array {
  if (boxes.length !== scores.length * 4 || classes.length !== scores.length) {
    throw new RangeError(
      `${scores.length} scores need as many classes (${classes.length}) and boxes (${boxes.length / 4})`,
    );
  }
  const order = orderByScore(scores);
  const limit = Math.fround(iouMax);
  const keptMax = Math.min(order.length, Math.max(Math.floor(countMax), 0));
  const kept = new Uint32Array(keptMax);
  // Corners and area of the boxes kept so far, side by side: the inner loop reads nothing else.
  const x1s = new Float32Array(keptMax);
  const y1s = new Float32Array(keptMax);
  const x2s = new Float32Array(keptMax);
  const y2s = new Float32Array(keptMax);
  const areas = new Float32Array(keptMax);
  let count = 0;
  for (let rank = 0; rank < order.length && count < keptMax; rank++) {
    const index = order[rank]!;
    const offset = scope === 'agnostic' ? 0 : Math.fround(classes[index]! * classOffset);
    const x1 = Math.fround(boxes[index * 4]! + offset);
    const y1 = Math.fround(boxes[index * 4 + 1]! + offset);
    const x2 = Math.fround(boxes[index * 4 + 2]! + offset);
    const y2 = Math.fround(boxes[index * 4 + 3]! + offset);
    const area = Math.fround(Math.fround(x2 - x1) * Math.fround(y2 - y1));
    let isKept = true;
    for (let k = 0; k < count; k++) {
      const width = Math.fround(Math.min(x2, x2s[k]!) - Math.max(x1, x1s[k]!));
      if (!(width > 0)) continue;
      const height = Math.fround(Math.min(y2, y2s[k]!) - Math.max(y1, y1s[k]!));
      if (!(height > 0)) continue;
      const overlap = Math.fround(width * height);
      if (Math.fround(overlap / Math.fround(Math.fround(areas[k]! + area) - overlap)) > limit) {
        isKept = false;
        break;
      }
    }
    if (!isKept) continue;
    kept[count] = index;
    x1s[count] = x1;
    y1s[count] = y1;
    x2s[count] = x2;
    y2s[count] = y2;
    areas[count] = area;
    count++;
  }
  return kept.slice(0, count);
}
