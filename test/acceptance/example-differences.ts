/** What the demo models answer everywhere alike, up to a rounding; all other values are compared by their kind. */
const isFixed = (path: string) => /\.(label|class_id|x1|y1|x2|y2|predicted_label|confidence|num_\w+)$/.test(path);

const isSame = (shown: unknown, real: unknown) =>
  typeof shown === 'number' ? Math.abs(shown - (real as number)) < 0.05 : shown === real;

/**
 * Compares an answer with the example of it.
 * @returns in words: fields that only one of them has, values of another kind, other results of the demo models
 */
export function exampleDifferences(shown: unknown, real: unknown, path = ''): string[] {
  if (shown === null || real === null) return [];
  if (Array.isArray(shown) && Array.isArray(real)) {
    // Lists may be of any length; their first values are alike.
    return shown.length > 0 && real.length > 0 ? exampleDifferences(shown[0], real[0], `${path}[0]`) : [];
  }
  if (typeof shown !== typeof real) return [`${path} is ${typeof real}, not ${typeof shown}`];
  if (typeof shown !== 'object') {
    return isFixed(path) && !isSame(shown, real) ? [`${path} is ${String(real)}, not ${String(shown)}`] : [];
  }
  const example = shown as Record<string, unknown>;
  const answer = real as Record<string, unknown>;
  return [...new Set([...Object.keys(example), ...Object.keys(answer)])].flatMap((name) => {
    if (!(name in answer)) return [`${path}.${name} is missing`];
    if (!(name in example)) return [`${path}.${name} is not shown`];
    return exampleDifferences(example[name], answer[name], `${path}.${name}`);
  });
}
