import { describe, expect, test } from 'vitest';
import { PythonLiteralError, parsePythonLiteral } from './python-literal.js';

describe('parsePythonLiteral reads', () => {
  test('class names with both quotes, as Python prints them', () => {
    const names = parsePythonLiteral(
      `{0: 'person', 1: "it's", 2: 'say "hi"', 3: 'both \\' and "', 4: '사람', 5: '\\uc0ac\\ub78c'}`,
    );
    expect(names).toEqual(
      new Map([
        [0, 'person'],
        [1, "it's"],
        [2, 'say "hi"'],
        [3, `both ' and "`],
        [4, '사람'],
        [5, '사람'],
      ]),
    );
  });

  test.each([
    ['[640, 640]', [640, 640]],
    ['(17, 3)', [17, 3]],
    ['(17,)', [17]],
    ['()', []],
    ['[]', []],
    ['[1, 2, ]', [1, 2]],
    ['(5)', 5],
    ['True', true],
    ['False', false],
    ['None', null],
    ['-12', -12],
    ['0.25', 0.25],
    ['.5', 0.5],
    ['1e-05', 1e-5],
    ['  [ 1 ,\n2 ]  ', [1, 2]],
    ['\'a\' "b"', 'ab'],
    [String.raw`'\\ \n \t \x41 \101 \U0001F600 \q'`, '\\ \n \t A A 😀 \\q'],
    ["''", ''],
    ['[[[1]]]', [[[1]]]],
  ])('%s', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual(value);
  });

  test('a dict of arguments, with a repeated key taking its last value', () => {
    const args = parsePythonLiteral("{'batch': 1, 'half': False, 'opset': None, 'simplify': True, 'batch': 4}");
    expect(Object.fromEntries(args as Map<string, unknown>)).toEqual({
      batch: 4,
      half: false,
      opset: null,
      simplify: true,
    });
  });

  test('a key named __proto__ as a key', () => {
    expect((parsePythonLiteral("{'__proto__': 1}") as Map<string, unknown>).get('__proto__')).toBe(1);
  });
});

describe('parsePythonLiteral refuses', () => {
  test.each([
    '',
    '{',
    '[1, 2',
    '[1 2]',
    '[,]',
    '{1}',
    '{1: 2',
    '{[1]: 2}',
    "'open",
    "'line\nbreak'",
    "'\\x4'",
    "'\\U00110000'",
    "'\\",
    'true',
    'null',
    'NaN',
    'constructor',
    "__import__('os').system('id')",
    '1 + 1',
    '1; 2',
    '[1] [2]',
    "PosixPath('x')",
    '- 1',
  ])('%s', (text) => {
    expect(() => parsePythonLiteral(text)).toThrow(PythonLiteralError);
  });

  test('what is nested too deeply, at once and without exhausting the stack', () => {
    expect(() => parsePythonLiteral('['.repeat(1_000_000))).toThrow(/nested deeper/);
  });

  test('what is too long', () => {
    expect(() => parsePythonLiteral(`'${'a'.repeat(5_000_000)}'`)).toThrow(/longer than/);
  });
});

test('22,000 class names are read whole', () => {
  const text = `{${Array.from({ length: 22_000 }, (_, index) => `${index}: 'class ${index}'`).join(', ')}}`;
  expect((parsePythonLiteral(text) as Map<number, string>).get(21_999)).toBe('class 21999');
});
