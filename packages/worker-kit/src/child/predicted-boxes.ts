import type { PredictedBox } from '@lensgate/contracts';

/** More digits than a float32 has say nothing, and make answers long. */
const round = (value: number, unit: number) => Math.round(value * unit) / unit;
export const roundPx = (px: number) => round(px, 1e4);
export const roundConfidence = (confidence: number) => round(confidence, 1e6);

/**
 * Boxes as the wire has them.
 * @param boxes [n, 4] xyxy, px of the picture
 * @param scores [n] 0…1
 * @param classes [n]
 */
export function predictedBoxes(
  { boxes, scores, classes }: { boxes: Float32Array; scores: Float32Array; classes: ArrayLike<number> },
  labelOf: (classId: number) => string,
): PredictedBox[] {
  return Array.from(scores, (score, index) => {
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((edge) => boxes[index * 4 + edge]!) as [number, number, number, number];
    const classId = classes[index]!;
    return {
      class_id: classId,
      label: labelOf(classId),
      confidence: roundConfidence(score),
      bbox: [roundPx((x1 + x2) / 2), roundPx((y1 + y2) / 2), roundPx(x2 - x1), roundPx(y2 - y1)],
      x1: roundPx(x1),
      y1: roundPx(y1),
      x2: roundPx(x2),
      y2: roundPx(y2),
      format: 'yolo',
    };
  });
}
