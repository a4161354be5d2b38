import { classColours } from '@lensgate/vision';

/** The CSS colour of each class: the one that the API's overlay draws it in. */
export function classColourByName(classNames: readonly string[]): ReadonlyMap<string, string> {
  const colours = classColours(classNames);
  return new Map(classNames.map((name, index) => [name, `rgb(${colours[index]!.join(' ')})`]));
}
