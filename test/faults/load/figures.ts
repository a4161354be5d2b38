/** A ratio that was measured, and the line that it should keep. It is reported, never asserted: machines differ. */
export interface Figure {
  /** Such as `goodput`. */
  readonly what: string;
  readonly value: number;
  /** What it is a part or a multiple of, such as `capacity`. */
  readonly of: string;
  readonly line: { readonly atMost: number } | { readonly atLeast: number };
}

/** Such as `goodput 0.96 of capacity (at least 0.90: kept)`. */
export function wordsOf({ what, value, of, line }: Figure): string {
  const isUpper = 'atMost' in line;
  const bound = isUpper ? line.atMost : line.atLeast;
  const isKept = isUpper ? value <= bound : value >= bound;
  const words = `${isUpper ? 'at most' : 'at least'} ${bound.toFixed(2)}: ${isKept ? 'kept' : 'MISSED'}`;
  return `${what} ${value.toFixed(2)} of ${of} (${words})`;
}
