import type { Mask } from './mask.js';

/** A closed line of px positions: x, y, x, y, … */
export type Ring = Int32Array;

// Values in the working copy: untouched, part of a traced border, part of it with background to the right.
const untouched = 1;
const border = 2;
const rightBorder = -126;

// Steps in the eight directions, from right and then against the clock.
const stepX = [1, 1, 0, -1, -1, -1, 0, 1] as const;
const stepY = [0, -1, -1, -1, 0, 1, 1, 1] as const;

/**
 * The outer borders of a mask as `cv2.findContours(mask, RETR_EXTERNAL, CHAIN_APPROX_SIMPLE)` gives them: one ring per
 * 8-connected part, holes and what lies in them left out, only corners kept. A ring starts at the part's first px in
 * reading order and goes down first; the part found last comes first.
 *
 * Source: OpenCV 4.6 `contours.cpp` (`icvFindNextContour`, `icvFetchContour`), after Suzuki and Abe, 1985.
 *
 * @returns rings in px of the mask's frame
 */
export function outerContours(mask: Mask): Ring[] {
  const width = mask.width + 2;
  const pixels = new Int8Array(width * (mask.height + 2));
  for (let y = 0; y < mask.height; y++) {
    pixels.set(mask.data.subarray(y * mask.width, (y + 1) * mask.width), (y + 1) * width + 1);
  }
  const rings: Ring[] = [];
  for (let y = 1; y <= mask.height; y++) {
    // The last border px met in this row: positive means that the scan is inside a part that was traced.
    let lastBorder = 0;
    let previous = 0;
    const row = y * width;
    for (let x = 1; x < width - 1; x++) {
      let value = pixels[row + x]!;
      if (value === previous) continue;
      if (previous === 0 && value === untouched && lastBorder <= 0) {
        rings.push(traceBorder(pixels, width, { x, y }, { x: mask.left - 1, y: mask.top - 1 }));
        value = pixels[row + x]!;
      }
      previous = value;
      if (value === border || value === rightBorder) lastBorder = value;
    }
  }
  return rings.reverse();
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Follows the border from its first px, marks it, and returns its corners moved by `offset`. */
function traceBorder(pixels: Int8Array, width: number, start: Point, offset: Point): Ring {
  const steps = stepX.map((dx, direction) => dx + stepY[direction]! * width);
  const first = start.y * width + start.x;
  const corners: number[] = [];
  let { x, y } = start;
  // Look clockwise, from the left neighbour on, for the px that the border will end with.
  let direction = 4;
  let last = first;
  do {
    direction = (direction - 1) & 7;
    last = first + steps[direction]!;
  } while (pixels[last] === 0 && direction !== 4);
  if (direction === 4) {
    pixels[first] = rightBorder;
    return Int32Array.of(x + offset.x, y + offset.y);
  }
  let current = first;
  let previousDirection = direction ^ 4;
  for (;;) {
    const cameFrom = direction;
    let next = current;
    do {
      direction++;
      next = current + steps[direction & 7]!;
    } while (pixels[next] === 0);
    direction &= 7;
    // The search passed the right neighbour and found background there. (Unsigned, so that direction 0 never counts.)
    if ((direction - 1) >>> 0 < cameFrom) pixels[current] = rightBorder;
    else if (pixels[current] === untouched) pixels[current] = border;
    if (direction !== previousDirection) {
      corners.push(x + offset.x, y + offset.y);
      previousDirection = direction;
    }
    x += stepX[direction]!;
    y += stepY[direction]!;
    if (next === first && current === last) return Int32Array.from(corners);
    current = next;
    direction = (direction + 4) & 7;
  }
}
