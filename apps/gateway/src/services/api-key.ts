import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key as it is made: the text is shown once, the id may be shown always, the hash is kept. */
export interface NewApiKey {
  readonly text: string;
  readonly id: string;
  /** SHA-256 of the text, lower-case hex. */
  readonly sha256: string;
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 71 bits: no two keys are ever likely to share an id. */
const idLetters = 12;
/** 190 bits that nobody can guess. */
const secretLetters = 32;
const form = new RegExp(`^(lg_[0-9A-Za-z]{${idLetters}})_[0-9A-Za-z]{${secretLetters}}$`);

/** Makes a key: `lg_`, its public id, `_`, its secret. */
export function newApiKey(): NewApiKey {
  const id = `lg_${randomLetters(idLetters)}`;
  const text = `${id}_${randomLetters(secretLetters)}`;
  return { text, id, sha256: digestOf(text).toString('hex') };
}

/** @returns the public id in a text that has the form of a key */
export const keyIdOf = (text: string): string | undefined => form.exec(text)?.[1];

/**
 * Whether a text is the key with this hash, in a time that does not depend on how much of it is right.
 *
 * One round of SHA-256 is enough: slow hashes make guessing words of people dear, and here there are 190 random bits to
 * guess. A slow one would only make every request slow.
 */
export const isKey = (text: string, sha256: string): boolean =>
  timingSafeEqual(digestOf(text), Buffer.from(sha256, 'hex'));

/** Whether two secrets are the same; digests have one length, so the comparison takes the same time whatever was sent. */
export const isSameSecret = (a: string, b: string): boolean => timingSafeEqual(digestOf(a), digestOf(b));

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Bytes from 248 on are drawn again: taken modulo 62 they would make some letters likelier than others. */
function randomLetters(count: number): string {
  let text = '';
  while (text.length < count) {
    for (const byte of randomBytes(count))
      if (byte < 248 && text.length < count) text += letters[byte % letters.length];
  }
  return text;
}
