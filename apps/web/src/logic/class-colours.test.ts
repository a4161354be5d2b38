import { classColours } from '@lensgate/vision';
import { expect, test } from 'vitest';
import { colourByLabel, namesBehind } from './class-colours.js';

const names = ['coat', 'bag', '신발', 'dress'];
const css = (all: readonly string[], label: string) => `rgb(${classColours(all)[all.indexOf(label)]!.join(' ')})`;
const coat = { id: 0, label: 'coat' };
const bag = { id: 1, label: 'bag' };

test('every class has the colour of the overlay, whatever the order of classes', () => {
  for (const label of names) {
    expect(colourByLabel(names)(label)).toBe(css(names, label));
    expect(colourByLabel([...names].reverse())(label)).toBe(css(names, label));
  }
});

test('a label that no list names has the colour that it has alone, as on the overlay', () => {
  for (const list of [names, []]) expect(colourByLabel(list)('7')).toBe(css(['7'], '7'));
});

test('the names behind an answer are the first that fit its classes', () => {
  expect(namesBehind([coat, bag], [null, undefined, names])).toBe(names);
  expect(namesBehind([coat, bag], [names, ['coat', 'bag']])).toBe(names);
  expect(namesBehind([coat, bag], [['a', 'b', 'c'], names])).toBe(names);
  expect(namesBehind([], [names])).toBe(names);
});

test('where no list fits, the labels that were seen stand for it, and numbers for themselves', () => {
  expect(namesBehind([coat, bag], [null, ['a', 'b']])).toEqual(['coat', 'bag']);
  expect(namesBehind([{ id: 3, label: '3' }], [null])).toEqual([]);
});
