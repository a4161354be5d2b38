/** Two 21-bit halves would do for any model here; a key holds 32 bits of score and 21 of index in a double's 53. */
const countMax = 2 ** 21;

/**
 * Indices by descending score; equal scores keep their order, lower index first (torch's stable `argsort`). NaN is
 * left out: it is no score.
 *
 * @throws RangeError for more than 2²¹ scores
 */
export function orderByScore(scores: Float32Array): Uint32Array {
  if (scores.length > countMax) throw new RangeError(`at most ${countMax} scores can be ordered, not ${scores.length}`);
  // Sorting plain numbers is several times as fast as sorting with a comparison function: put score and index in one.
  const keys = new Float64Array(scores.length);
  // Adding 0 turns -0 into 0, which compare equal but differ in their bits.
  const bits = new Uint32Array(scores.map((score) => score + 0).buffer);
  let count = 0;
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i]!)) continue;
    const word = bits[i]!;
    const ascending = word >>> 31 === 0 ? (word | 0x80000000) >>> 0 : ~word >>> 0;
    keys[count++] = (0xffffffff - ascending) * countMax + i;
  }
  const sorted = keys.subarray(0, count).sort();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = sorted[i]! % countMax;
  return order;
}
