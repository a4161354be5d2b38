/**
 * Rounds to the nearest whole number, ties to the even one: what `round` of Python and `cvRound` of OpenCV do.
 * `Math.round` sends ties upwards and would move a crop or a padding by one pixel.
 */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
