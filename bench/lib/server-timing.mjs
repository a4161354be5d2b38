/**
 * @param {unknown} header an answer's Server-Timing @param {string} part
 * @returns {number} ms; NaN when the part is not named
 */
export const timingOf = (header, part) =>
  Number(new RegExp(`\\b${part};dur=([\\d.]+)`).exec(String(header))?.[1] ?? Number.NaN);
