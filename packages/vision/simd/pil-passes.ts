// AssemblyScript: `scripts/build-simd.mjs` compiles it to WebAssembly. `src/pixels/pil-passes.ts` calls it and documents
// the table of weights.

/** Pillow rounds weights to 22 bits. */
const weightBits: i32 = 22;
const half: i32 = 1 << (weightBits - 1);
/** Of a weight's bits, those in the lower of its two factors. */
const lowBits: i32 = 11;

// A weight has more bits than the factors of `dot_i16x8_s`, so it is split: weight = high · 2¹¹ + low. The sums of both are
// put together at the end, which is exact, because 32-bit integers wrap alike in every order.
function toBytes(high: v128, low: v128): v128 {
  const sums = i32x4.add(i32x4.add(low, i32x4.splat(half)), i32x4.shl(high, lowBits));
  const shifted = i32x4.shr_s(sums, weightBits);
  const words = i16x8.narrow_i32x4_s(shifted, shifted);
  return i8x16.narrow_i16x8_u(words, words);
}

/**
 * Resizes rows of RGB pixels across.
 * @param source the first row; up to 15 bytes past the last one are read
 * @param table weights of a target row, steps of four taps
 * @param target the first row; one byte past the last one is written
 */
export function across(
  source: usize,
  sourceRowBytes: usize,
  rows: i32,
  table: usize,
  entryBytes: usize,
  target: usize,
  targetWidth: i32,
): void {
  const zero = i8x16.splat(0);
  for (let y = 0; y < rows; y++, source += sourceRowBytes) {
    let entry = table;
    for (let x = 0; x < targetWidth; x++, entry += entryBytes, target += 3) {
      let from = source + 3 * <usize>load<i32>(entry);
      const end = entry + 8 + 16 * <usize>load<i32>(entry, 4);
      let high = i32x4.splat(0);
      let low = i32x4.splat(0);
      let secondHigh = i32x4.splat(0);
      let secondLow = i32x4.splat(0);
      for (let step = entry + 8; step < end; step += 16, from += 12) {
        const pixels = v128.load(from);
        // Two pixels channel by channel, as 16-bit words.
        const first = i8x16.shuffle(pixels, zero, 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16);
        const second = i8x16.shuffle(pixels, zero, 6, 16, 9, 16, 7, 16, 10, 16, 8, 16, 11, 16, 16, 16, 16, 16);
        high = i32x4.add(high, i32x4.dot_i16x8_s(first, v128.load32_splat(step)));
        low = i32x4.add(low, i32x4.dot_i16x8_s(first, v128.load32_splat(step, 4)));
        secondHigh = i32x4.add(secondHigh, i32x4.dot_i16x8_s(second, v128.load32_splat(step, 8)));
        secondLow = i32x4.add(secondLow, i32x4.dot_i16x8_s(second, v128.load32_splat(step, 12)));
      }
      // Four bytes, of which the next pixel overwrites the last.
      v128.store32_lane(target, toBytes(i32x4.add(high, secondHigh), i32x4.add(low, secondLow)), 0);
    }
  }
}

/**
 * Resizes rows of bytes down.
 * @param source the row of index `firstRow`; a row and up to 15 bytes past the last one are read
 * @param entry of the table, for the first of the target rows; steps of two taps
 * @param target the first row; up to 15 bytes past the last one are written
 */
export function down(
  source: usize,
  firstRow: i32,
  rowBytes: usize,
  entry: usize,
  entryBytes: usize,
  target: usize,
  targetRows: i32,
): void {
  for (let y = 0; y < targetRows; y++, entry += entryBytes, target += rowBytes) {
    const top = source + <usize>(load<i32>(entry) - firstRow) * rowBytes;
    const end = entry + 8 + 8 * <usize>load<i32>(entry, 4);
    for (let x: usize = 0; x < rowBytes; x += 16) {
      let high0 = i32x4.splat(0);
      let high1 = i32x4.splat(0);
      let high2 = i32x4.splat(0);
      let high3 = i32x4.splat(0);
      let low0 = i32x4.splat(0);
      let low1 = i32x4.splat(0);
      let low2 = i32x4.splat(0);
      let low3 = i32x4.splat(0);
      let from = top + x;
      for (let step = entry + 8; step < end; step += 8, from += 2 * rowBytes) {
        const upper = v128.load(from);
        const lower = v128.load(from + rowBytes);
        // A byte of the upper row beside the one under it, as 16-bit words.
        const left = i8x16.shuffle(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const right = i8x16.shuffle(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const words0 = i16x8.extend_low_i8x16_u(left);
        const words1 = i16x8.extend_high_i8x16_u(left);
        const words2 = i16x8.extend_low_i8x16_u(right);
        const words3 = i16x8.extend_high_i8x16_u(right);
        const highs = v128.load32_splat(step);
        const lows = v128.load32_splat(step, 4);
        high0 = i32x4.add(high0, i32x4.dot_i16x8_s(words0, highs));
        high1 = i32x4.add(high1, i32x4.dot_i16x8_s(words1, highs));
        high2 = i32x4.add(high2, i32x4.dot_i16x8_s(words2, highs));
        high3 = i32x4.add(high3, i32x4.dot_i16x8_s(words3, highs));
        low0 = i32x4.add(low0, i32x4.dot_i16x8_s(words0, lows));
        low1 = i32x4.add(low1, i32x4.dot_i16x8_s(words1, lows));
        low2 = i32x4.add(low2, i32x4.dot_i16x8_s(words2, lows));
        low3 = i32x4.add(low3, i32x4.dot_i16x8_s(words3, lows));
      }
      const to = target + x;
      v128.store32_lane(to, toBytes(high0, low0), 0, 0);
      v128.store32_lane(to, toBytes(high1, low1), 0, 4);
      v128.store32_lane(to, toBytes(high2, low2), 0, 8);
      v128.store32_lane(to, toBytes(high3, low3), 0, 12);
    }
  }
}
