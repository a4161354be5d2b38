/** Field numbers of ModelProto.metadata_props and of StringStringEntryProto (onnx.proto); all are length-delimited. */
const metadataProps = 14;
const entryKey = 1;
const entryValue = 2;

const lengthDelimited = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/**
 * Metadata entries as bytes to put at the end of an ONNX file: in protobuf a repeated field goes on wherever it stands
 * again, so nothing of the file has to be read or moved. Of two entries with one key the later counts.
 */
export function onnxMetadata(entries: ReadonlyMap<string, string>): Buffer {
  return Buffer.concat(
    [...entries].map(([key, value]) =>
      lengthDelimited(
        metadataProps,
        Buffer.concat([lengthDelimited(entryKey, Buffer.from(key)), lengthDelimited(entryValue, Buffer.from(value))]),
      ),
    ),
  );
}
