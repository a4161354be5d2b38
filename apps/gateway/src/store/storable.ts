/**
 * What PostgreSQL can hold of a text or of JSON: its texts have no U+0000 and no half of a surrogate pair, which become
 * U+FFFD. For what comes from files; callers are told of theirs.
 */
export function storable<T>(value: T): T {
  const text = JSON.stringify(value);
  return text === undefined ? value : (JSON.parse(text, (_key, each) => storableText(each)) as T);
}

const storableText = (value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;
