/** A Python literal as JavaScript sees it: list and tuple become arrays, None null, a dict a Map that keeps its order. */
export type PythonValue = string | number | boolean | null | PythonValue[] | Map<PythonKey, PythonValue>;
export type PythonKey = string | number | boolean | null;

/** The text is not a literal, or beyond the limits; the message gives the position. */
export class PythonLiteralError extends Error {
  override readonly name = 'PythonLiteralError';
}

const TEXT_LENGTH_MAX = 4 * 1024 * 1024;
const DEPTH_MAX = 32;

interface Cursor {
  readonly text: string;
  at: number;
}

/**
 * Reads what Python's `ast.literal_eval` reads, as far as exporters write it into metadata: dict, list, tuple, str (both
 * quotes, escapes, adjacent pieces), int, float, bool, None. Nothing is evaluated.
 *
 * @throws PythonLiteralError
 */
export function parsePythonLiteral(text: string): PythonValue {
  if (text.length > TEXT_LENGTH_MAX) throw new PythonLiteralError(`longer than ${TEXT_LENGTH_MAX} characters`);
  const cursor: Cursor = { text, at: 0 };
  const value = readValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < text.length) throw unexpected(cursor);
  return value;
}

function readValue(cursor: Cursor, depth: number): PythonValue {
  if (depth > DEPTH_MAX) throw new PythonLiteralError(`nested deeper than ${DEPTH_MAX} levels`);
  skipSpace(cursor);
  switch (cursor.text[cursor.at]) {
    case '{':
      return readDict(cursor, depth);
    case '[':
      return readList(cursor, ']', depth).items;
    case '(': {
      const { items, commas } = readList(cursor, ')', depth);
      // `(x)` is x; `(x,)` and `()` are tuples.
      return items.length === 1 && commas === 0 ? items[0]! : items;
    }
    case "'":
    case '"':
      return readStrings(cursor);
    default:
      return readNumberOrName(cursor);
  }
}

function readDict(cursor: Cursor, depth: number): Map<PythonKey, PythonValue> {
  const dict = new Map<PythonKey, PythonValue>();
  readSequence(cursor, '}', () => {
    const key = readValue(cursor, depth + 1);
    if (typeof key === 'object' && key !== null)
      throw new PythonLiteralError(`a list or dict as key before ${cursor.at}`);
    if (!takes(cursor, ':')) throw unexpected(cursor);
    dict.set(key, readValue(cursor, depth + 1));
  });
  return dict;
}

function readList(cursor: Cursor, close: string, depth: number): { items: PythonValue[]; commas: number } {
  const items: PythonValue[] = [];
  const commas = readSequence(cursor, close, () => {
    items.push(readValue(cursor, depth + 1));
  });
  return { items, commas };
}

/** Reads from an opening bracket to its end; a comma may stand before the end. Answers the number of commas. */
function readSequence(cursor: Cursor, close: string, readOne: () => void): number {
  cursor.at += 1;
  let commas = 0;
  while (!takes(cursor, close)) {
    readOne();
    if (takes(cursor, ',')) commas += 1;
    else if (takes(cursor, close)) break;
    else throw unexpected(cursor);
  }
  return commas;
}

/** Adjacent pieces are one string. */
function readStrings(cursor: Cursor): string {
  let whole = '';
  for (;;) {
    const quote = cursor.text[cursor.at];
    if (quote !== "'" && quote !== '"') return whole;
    whole += readString(cursor, quote);
    skipSpace(cursor);
  }
}

function readString(cursor: Cursor, quote: string): string {
  const { text } = cursor;
  const pieces: string[] = [];
  let plainFrom = ++cursor.at;
  for (; cursor.at < text.length; cursor.at++) {
    const character = text[cursor.at];
    if (character === quote) {
      pieces.push(text.slice(plainFrom, cursor.at++));
      return pieces.join('');
    }
    if (character === '\n') break;
    if (character !== '\\') continue;
    pieces.push(text.slice(plainFrom, cursor.at));
    pieces.push(readEscape(cursor));
    plainFrom = cursor.at + 1;
  }
  throw new PythonLiteralError('a string has no end');
}

const SIMPLE_ESCAPES: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const HEX_DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 };

/** Python reference, 2.4.1 "String and Bytes literals"; leaves the cursor on the escape's last character. */
function readEscape(cursor: Cursor): string {
  const kind = cursor.text[++cursor.at];
  if (kind === undefined) throw new PythonLiteralError('a string has no end');
  const simple = SIMPLE_ESCAPES[kind];
  if (simple !== undefined) return simple;
  const octal = /^[0-7]{1,3}/.exec(cursor.text.slice(cursor.at, cursor.at + 3))?.[0];
  if (octal !== undefined) {
    cursor.at += octal.length - 1;
    return String.fromCharCode(Number.parseInt(octal, 8));
  }
  const digits = HEX_DIGITS[kind];
  // An escape that Python does not know stays as it is written.
  if (digits === undefined) return `\\${kind}`;
  const hex = cursor.text.slice(cursor.at + 1, cursor.at + 1 + digits);
  const code = Number.parseInt(hex, 16);
  if (hex.length < digits || !/^[\da-f]+$/i.test(hex) || code > 0x10ffff) throw unexpected(cursor);
  cursor.at += digits;
  return String.fromCodePoint(code);
}

const NAMES: Record<string, PythonValue> = { True: true, False: false, None: null };
const NUMBER = /[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/iy;
const NAME = /[A-Za-z]+/y;

function readNumberOrName(cursor: Cursor): PythonValue {
  const number = match(NUMBER, cursor);
  if (number !== undefined) return Number(number);
  const from = cursor.at;
  const name = match(NAME, cursor);
  if (name === undefined || !Object.hasOwn(NAMES, name)) throw unexpected({ ...cursor, at: from });
  return NAMES[name] as PythonValue;
}

function match(pattern: RegExp, cursor: Cursor): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function takes(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}

function skipSpace(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) cursor.at += 1;
}

function unexpected({ text, at }: Cursor): PythonLiteralError {
  const what = at < text.length ? JSON.stringify(text.slice(at, at + 12)) : 'the end';
  return new PythonLiteralError(`unexpected ${what} at ${at}`);
}
