import { describe, expect, test } from 'vitest';
import { RequestQueue, type Waiting } from './request-queue.js';

const limits = { perCheckpointMax: 2, totalMax: 3, totalBytesMax: 100 };
const work = (sha256: string, imageBytes = 1): Waiting => ({ sha256, imageBytes });

describe('request queue', () => {
  test('gives the work of a checkpoint in the order it came', () => {
    const queue = new RequestQueue(limits);
    const [first, second] = [work('a'), work('a')];
    queue.push(first);
    queue.push(second);
    expect([queue.shift('a'), queue.shift('a'), queue.shift('a')]).toEqual([first, second, undefined]);
  });

  test('is full for one checkpoint while another still has room', () => {
    const queue = new RequestQueue(limits);
    expect([queue.push(work('a')), queue.push(work('a')), queue.push(work('a'))]).toEqual([true, true, false]);
    expect([queue.isFullFor('a'), queue.isFullFor('b')]).toEqual([true, false]);
    expect(queue.push(work('b'))).toBe(true);
  });

  test('is full for all when its total is reached', () => {
    const queue = new RequestQueue(limits);
    for (const sha256 of ['a', 'b', 'c']) queue.push(work(sha256));
    expect(queue.push(work('d'))).toBe(false);
    expect(queue.size).toBe(3);
  });

  test('is full when its bytes are, and takes nothing then', () => {
    const queue = new RequestQueue(limits);
    queue.push(work('a', 60));
    expect(queue.push(work('b', 41))).toBe(false);
    expect({ size: queue.size, bytes: queue.bytes, checkpoints: queue.checkpoints() }).toEqual({
      size: 1,
      bytes: 60,
      checkpoints: ['a'],
    });
    expect(queue.push(work('b', 40))).toBe(true);
  });

  test('gives its room back when work is taken out, however it is taken', () => {
    const queue = new RequestQueue(limits);
    const [first, second] = [work('a', 50), work('b', 50)];
    queue.push(first);
    queue.push(second);
    expect(queue.remove(first)).toBe(true);
    expect(queue.remove(first)).toBe(false);
    queue.shift('b');
    expect({ size: queue.size, bytes: queue.bytes, checkpoints: queue.checkpoints() }).toEqual({
      size: 0,
      bytes: 0,
      checkpoints: [],
    });
  });
});
