/** Time left, ms: the least of the caller's wish, what the hop before has left (`X-Deadline-Ms`), and our own limit. */
export const leftMs = (timeoutMs: number | undefined, header: string | string[] | undefined, limitMs: number): number =>
  Math.min(timeoutMs ?? limitMs, wholeMs(header, limitMs), limitMs);

/** The time that the caller gave the whole, ms, as messages name it: counted from the first hop. */
export const timeoutOf = ({ cameAtMs, deadlineAtMs }: { cameAtMs: number; deadlineAtMs: number }): number =>
  Math.round(deadlineAtMs - cameAtMs);

/** Milliseconds in a header between hops; `otherwise` where there is none that can be read. */
export const wholeMs = (header: string | string[] | undefined, otherwise: number): number =>
  typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : otherwise;
