import { describe, expect, test } from 'vitest';
import { isKey, isSameSecret, keyIdOf, newApiKey } from './api-key.js';

describe('an API key', () => {
  test('begins with its public id and ends with 32 letters that no other key has', () => {
    const keys = Array.from({ length: 200 }, newApiKey);
    for (const { text, id } of keys) expect(text).toMatch(new RegExp(`^${id}_[0-9A-Za-z]{32}$`));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(200);
    expect(new Set(keys.map(({ text }) => text.slice(-32))).size).toBe(200);
  });

  test('draws every letter about equally often', () => {
    const counts = new Map<string, number>();
    const texts = Array.from({ length: 2_000 }, () => newApiKey().text.slice(-32)).join('');
    for (const letter of texts) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 64,000 draws: 1,032 of each, give or take 32; a modulo of bytes would give 1,250 to some.
    for (const count of counts.values()) expect(Math.abs(count - 64_000 / 62)).toBeLessThan(190);
  });

  test('is known by its hash, which does not contain it', () => {
    const { text, sha256 } = newApiKey();
    expect(isKey(text, sha256)).toBe(true);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    const [first, last] = [text.slice(0, -1), text.at(-1)];
    expect(isKey(`${first}${last === 'a' ? 'b' : 'a'}`, sha256)).toBe(false);
    expect(isKey('', sha256)).toBe(false);
  });

  test('has its id told only from a text of the right form', () => {
    const { text, id } = newApiKey();
    expect(keyIdOf(text)).toBe(id);
    for (const wrong of [
      '',
      id,
      `${id}_`,
      `${text}a`,
      text.slice(1),
      ` ${text}`,
      `${text}\n`,
      text.replace('lg_', 'sk_'),
    ])
      expect(keyIdOf(wrong), JSON.stringify(wrong)).toBeUndefined();
  });
});

test('secrets of whatever length are compared without an error', () => {
  expect([isSameSecret('a', 'a'), isSameSecret('a', 'ab'), isSameSecret('', 'a'), isSameSecret('ä', 'a')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
