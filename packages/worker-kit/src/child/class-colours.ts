import { classColours, type Rgb } from './colours.js';

/** With more classes than this only the ones in the picture are told apart. */
const knownClassesMax = 64;

/** The colour of a label, from all class names of the checkpoint where they are known and few, so that it stays. */
export function colourOfClass(
  classNames: readonly string[] | null,
  present: readonly { readonly label: string }[],
): (label: string) => Rgb {
  const labels = present.map(({ label }) => label);
  const names = [...new Set(classNames && classNames.length <= knownClassesMax ? [...classNames, ...labels] : labels)];
  const colours = classColours(names);
  const byName = new Map(names.map((name, index) => [name, colours[index]!]));
  return (label) => byName.get(label)!;
}
