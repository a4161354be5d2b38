import { expect, test } from 'vitest';
import { FairShare } from './fair-share.js';

test('the checkpoint that has had the least goes first', () => {
  const share = new FairShare();
  share.add('greedy', 300);
  share.add('modest', 20);
  expect(share.sorted(['greedy', 'modest', 'new'])).toEqual(['new', 'modest', 'greedy']);
});

test('a checkpoint that comes back after a quiet time starts level with the least served of the busy ones', () => {
  const share = new FairShare();
  share.add('busy', 500);
  share.add('busier', 900);
  share.join('quiet', ['busy', 'busier']);
  expect(share.of('quiet')).toBe(500);
});

test('a checkpoint that has had more than the busy ones does not get any of it back', () => {
  const share = new FairShare();
  share.add('greedy', 900);
  share.add('busy', 500);
  share.join('greedy', ['busy']);
  expect(share.of('greedy')).toBe(900);
});
