import { orderByScore } from '../boxes/order.js';

/**
 * The best `k` values, best first, equal ones by index. NaN is left out.
 *
 * @param values [n]
 * @returns at most `k` pairs
 */
export function topK(values: Float32Array, k: number): { index: number; value: number }[] {
  const order = orderByScore(values).subarray(0, Math.max(k, 0));
  return Array.from(order, (index) => ({ index, value: values[index]! }));
}
