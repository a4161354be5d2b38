import { outerContours, type Ring } from './contours.js';
import type { Mask } from './mask.js';

/**
 * The outline of a mask as one ring, as Ultralytics' `masks.xy` gives it before scaling: the outer borders of its parts,
 * joined at the nearest points of neighbours in the list. Holes are lost.
 *
 * Source: Ultralytics `masks2segments` with `strategy="all"`, `merge_multi_segment`.
 *
 * @returns [n, 2] x, y, whole px of the mask's frame; empty for an empty mask. For masks in a model input's frame,
 *          `unletterboxPoints` brings them to the picture.
 */
export function maskPolygon(mask: Mask): Float32Array {
  return Float32Array.from(joinRings(outerContours(mask)));
}

/** Joins rings there and back: out along the list to the last one, and home along the far sides of the middle ones. */
export function joinRings(rings: readonly Ring[]): Ring {
  if (rings.length === 0) return new Int32Array(0);
  if (rings.length === 1) return rings[0]!;
  const lastIndex = rings.length - 1;
  // Point indices at which each ring is tied to its neighbours.
  const ties: number[][] = rings.map(() => []);
  for (let i = 1; i <= lastIndex; i++) {
    const [from, to] = nearestPoints(rings[i - 1]!, rings[i]!);
    ties[i - 1]!.push(from);
    ties[i]!.push(to);
  }
  const out: Ring[] = [];
  const home: Ring[] = [];
  for (let i = 0; i <= lastIndex; i++) {
    const [entry, exit] = ties[i] as [number, number?];
    if (exit === undefined) {
      out.push(closedFrom(rings[i]!, entry));
      continue;
    }
    // A reversed ring keeps the indices of the unreversed one: the reference does so too, and is tied at other points.
    const isBackwards = entry > exit;
    const ring = closedFrom(isBackwards ? reversed(rings[i]!) : rings[i]!, Math.min(entry, exit));
    const span = Math.abs(exit - entry);
    out.push(ring.subarray(0, (span + 1) * 2));
    home.unshift(ring.subarray(span * 2));
  }
  return concatenate([...out, ...home]);
}

/** Indices of the closest pair of points, the first such pair in order. */
function nearestPoints(a: Ring, b: Ring): [number, number] {
  const [left, top, right, bottom] = boundsOf(b);
  let best = Number.POSITIVE_INFINITY;
  let pair: [number, number] = [0, 0];
  for (let i = 0; i < a.length; i += 2) {
    const x = a[i]!;
    const y = a[i + 1]!;
    // A point farther from all of b than the best pair cannot better it; large rings are mostly such points.
    const awayX = Math.max(left - x, x - right, 0);
    const awayY = Math.max(top - y, y - bottom, 0);
    if (awayX * awayX + awayY * awayY >= best) continue;
    for (let k = 0; k < b.length; k += 2) {
      const dx = x - b[k]!;
      const dy = y - b[k + 1]!;
      const distance = dx * dx + dy * dy;
      if (distance < best) {
        best = distance;
        pair = [i / 2, k / 2];
      }
    }
  }
  return pair;
}

function boundsOf(ring: Ring): [left: number, top: number, right: number, bottom: number] {
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < ring.length; i += 2) {
    bounds[0] = Math.min(bounds[0], ring[i]!);
    bounds[1] = Math.min(bounds[1], ring[i + 1]!);
    bounds[2] = Math.max(bounds[2], ring[i]!);
    bounds[3] = Math.max(bounds[3], ring[i + 1]!);
  }
  return bounds;
}

/** The ring from a point on, back to that point. */
function closedFrom(ring: Ring, point: number): Ring {
  const at = point * 2;
  return concatenate([ring.subarray(at), ring.subarray(0, at), ring.subarray(at, at + 2)]);
}

function reversed(ring: Ring): Ring {
  const result = new Int32Array(ring.length);
  for (let i = 0; i < ring.length; i += 2) {
    result[i] = ring[ring.length - 2 - i]!;
    result[i + 1] = ring[ring.length - 1 - i]!;
  }
  return result;
}

function concatenate(parts: readonly Ring[]): Ring {
  const result = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
