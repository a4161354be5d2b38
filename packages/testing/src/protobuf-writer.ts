/** A message or a value, encoded: https://protobuf.dev/programming-guides/encoding/ */
export type Field = Uint8Array;

const varintBytes = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
};

const tag = (number: number, wireType: 0 | 2 | 5) => varintBytes(BigInt((number << 3) | wireType));

/** A whole number, an enum's value or a boolean. */
export const varintField = (number: number, value: number | bigint): Field =>
  Uint8Array.from([...tag(number, 0), ...varintBytes(BigInt(value))]);

export function floatField(number: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([Uint8Array.from(tag(number, 5)), bytes]);
}

/** Bytes, text, or the fields of a message inside this one. */
export function bytesField(number: number, value: string | Uint8Array | readonly Field[]): Field {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : messageOf(value);
  return Buffer.concat([Uint8Array.from([...tag(number, 2), ...varintBytes(BigInt(bytes.length))]), bytes]);
}

export const messageOf = (fields: readonly Field[]): Uint8Array => Buffer.concat(fields);
