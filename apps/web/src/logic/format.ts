/** 0.8654 → `0.87`, as the API writes it on its overlays. */
export const confidenceText = (confidence: number): string => confidence.toFixed(2);

/** A share of 1 as per cent with one decimal: 0.8734 → `87.3%`. */
export const percentText = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** Milliseconds, with decimals only where they tell something: `3.4 ms`, `123 ms`, `4.20 s`. */
export function durationText(durationMs: number): string {
  if (durationMs >= 1_000) return `${(durationMs / 1_000).toFixed(2)} s`;
  return durationMs < 9.95 ? `${durationMs.toFixed(1)} ms` : `${Math.round(durationMs)} ms`;
}

/** Corners in whole pixels: `61, 140 – 111, 212`. */
export const cornersText = ({ x1, y1, x2, y2 }: Record<'x1' | 'y1' | 'x2' | 'y2', number>): string =>
  `${Math.round(x1)}, ${Math.round(y1)} – ${Math.round(x2)}, ${Math.round(y2)}`;

/** Bytes in units of 1024: `253 KB`, `4.1 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const kilobytes = bytes / 1_024;
  return kilobytes < 1_000 ? `${Math.round(kilobytes)} KB` : `${(kilobytes / 1_024).toFixed(1)} MB`;
}
