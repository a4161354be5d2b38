import { classColours, type Rgb } from '@lensgate/vision';

const memo = new WeakMap<readonly string[], ReadonlyMap<string, Rgb>>();

/** The colour of each label: from all class names of the checkpoint, so that a class keeps its colour from picture to picture. */
export function colourOfClass(classNames: readonly string[] | null): (label: string) => Rgb {
  const known = classNames ? coloursByName(classNames) : new Map<string, Rgb>();
  return (label) => known.get(label) ?? classColours([label])[0]!;
}

function coloursByName(classNames: readonly string[]): ReadonlyMap<string, Rgb> {
  const remembered = memo.get(classNames);
  if (remembered) return remembered;
  const colours = classColours(classNames);
  const byName = new Map(classNames.map((name, index) => [name, colours[index]!]));
  memo.set(classNames, byName);
  return byName;
}
