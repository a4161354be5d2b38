import { expect, test } from 'vitest';
import { createKeyedLock } from './keyed-lock.js';

test('tasks of one key run one after the other, also after a failure; other keys do not wait', async () => {
  const lock = createKeyedLock();
  const order: string[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = lock.run('a', async () => {
    await gate;
    order.push('a1');
    throw new Error('broken');
  });
  const second = lock.run('a', async () => order.push('a2'));
  await lock.run('b', async () => order.push('b'));
  release();
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(order).toEqual(['b', 'a1', 'a2']);
});
