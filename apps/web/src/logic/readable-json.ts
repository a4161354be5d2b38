const textLengthMax = 160;
const keptText = 48;
const itemsMax = 16;
const keptItems = 4;

/** Long Base64 and long outlines, cut, with a word on what was left out. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string' && value.length > textLengthMax)
    return `${value.slice(0, keptText)}… (${value.length.toLocaleString('en')} characters)`;
  if (Array.isArray(value)) {
    const isOutline = value.length > itemsMax && value.every((item) => Array.isArray(item));
    if (!isOutline) return value.map(shortened);
    return [...value.slice(0, keptItems).map(shortened), `… (${value.length} points)`];
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shortened(item)]));
}

const numberList = /\[\s*(-?\d[\d.eE+-]*(?:,\s*-?\d[\d.eE+-]*)*)\s*\]/g;

/** JSON for people: indented, lists of numbers on one line, what is too long cut. */
export const readableJson = (value: unknown): string =>
  JSON.stringify(shortened(value), null, 2).replaceAll(
    numberList,
    (_, numbers: string) => `[${numbers.replaceAll(/,\s*/g, ', ')}]`,
  );
