/**
 * Centre form to corners, in float32: `x - w/2, y - h/2, x + w/2, y + h/2`.
 *
 * @param boxes [n, 4] centre x, centre y, width, height, any unit
 * @returns     [n, 4] x1, y1, x2, y2, same unit
 */
export function centresToCorners(boxes: Float32Array): Float32Array {
  const corners = new Float32Array(boxes.length);
  for (let i = 0; i + 3 < boxes.length; i += 4) {
    const halfWidth = Math.fround(boxes[i + 2]! / 2);
    const halfHeight = Math.fround(boxes[i + 3]! / 2);
    corners[i] = boxes[i]! - halfWidth;
    corners[i + 1] = boxes[i + 1]! - halfHeight;
    corners[i + 2] = boxes[i]! + halfWidth;
    corners[i + 3] = boxes[i + 1]! + halfHeight;
  }
  return corners;
}

/**
 * Corners to centre form, the inverse of {@link centresToCorners} up to rounding.
 *
 * @param boxes [n, 4] x1, y1, x2, y2, any unit
 * @returns     [n, 4] centre x, centre y, width, height, same unit
 */
export function cornersToCentres(boxes: Float32Array): Float32Array {
  const centres = new Float32Array(boxes.length);
  for (let i = 0; i + 3 < boxes.length; i += 4) {
    centres[i] = (boxes[i]! + boxes[i + 2]!) / 2;
    centres[i + 1] = (boxes[i + 1]! + boxes[i + 3]!) / 2;
    centres[i + 2] = boxes[i + 2]! - boxes[i]!;
    centres[i + 3] = boxes[i + 3]! - boxes[i + 1]!;
  }
  return centres;
}

/**
 * Normalised boxes to pixels, as DETR-like models need: x by the width, y by the height. No clipping.
 *
 * @param boxes [n, 4] in 0…1, centre form or corners
 * @returns     [n, 4] px, same form
 */
export function scaleBoxes(boxes: Float32Array, size: { width: number; height: number }): Float32Array {
  const width = Math.fround(size.width);
  const height = Math.fround(size.height);
  return boxes.map((value, i) => value * (i % 2 === 0 ? width : height));
}
