import { classColours } from '@lensgate/vision';
import { expect, test } from 'vitest';
import { classColourByName } from './class-colour.js';

test('every class has the colour of the overlay, whatever the order of classes', () => {
  const names = ['coat', 'bag', '신발', 'dress'];
  const [coat] = classColours(names);
  expect(classColourByName(names).get('coat')).toBe(`rgb(${coat!.join(' ')})`);
  expect(classColourByName([...names].reverse())).toEqual(classColourByName(names));
});
