import { describe, expect, test } from 'vitest';
import { Quarantine } from './quarantine.js';

describe('quarantine', () => {
  test('refuses a picture for a while after it has ended two children of a checkpoint', () => {
    const quarantine = new Quarantine(1_000);
    quarantine.recordDeath('model', 'picture', 0);
    expect(quarantine.refusedForMs('model', 'picture', 1)).toBe(0);
    quarantine.recordDeath('model', 'picture', 100);
    expect(quarantine.refusedForMs('model', 'picture', 600)).toBe(500);
    expect(quarantine.refusedForMs('model', 'picture', 1_100)).toBe(0);
    expect(quarantine.isEmpty).toBe(true);
  });

  test('refuses it for no other checkpoint, and no other picture', () => {
    const quarantine = new Quarantine(1_000);
    for (const nowMs of [0, 1]) quarantine.recordDeath('model', 'picture', nowMs);
    expect(quarantine.refusedForMs('other', 'picture', 2)).toBe(0);
    expect(quarantine.refusedForMs('model', 'other', 2)).toBe(0);
  });

  test('two deaths far apart are two accidents', () => {
    const quarantine = new Quarantine(1_000);
    quarantine.recordDeath('model', 'picture', 0);
    quarantine.recordDeath('model', 'picture', 1_000);
    expect(quarantine.refusedForMs('model', 'picture', 1_001)).toBe(0);
  });

  test('holds a bounded number of pictures, the latest ones', () => {
    const quarantine = new Quarantine(1_000);
    for (let picture = 0; picture < 10_001; picture++) {
      quarantine.recordDeath('model', `${picture}`, 0);
      quarantine.recordDeath('model', `${picture}`, 0);
    }
    expect(quarantine.refusedForMs('model', '0', 1)).toBe(0);
    expect(quarantine.refusedForMs('model', '10000', 1)).toBeGreaterThan(0);
  });
});
