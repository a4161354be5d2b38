/** Random numbers that a seed repeats. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** A whole number, 0 ≤ n < end. */
  below(end: number): number;
  pick<T>(values: readonly T[]): T;
  bytes(count: number): Buffer;
}

/** Mulberry32, by Tommy Ettinger: 32 bits of state, enough to choose test inputs by. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    next,
    below,
    pick: (values) => {
      if (values.length === 0) throw new RangeError('nothing to pick from');
      return values[below(values.length)]!;
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}
