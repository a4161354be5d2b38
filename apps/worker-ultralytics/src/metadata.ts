import { type OnnxFacts, parsePythonLiteral } from '@lensgate/worker-kit/family';

/** What Ultralytics' exporter writes into a model's metadata, as Python literals in text (LAYOUTS: metadata). */
export interface UltralyticsMetadata {
  readonly task: string | null;
  readonly stride: number;
  /** [height, width] px */
  readonly imgsz: readonly [number, number] | null;
  /** By class id. */
  readonly names: readonly string[] | null;
  /** NMS is part of the graph: rows are final detections. */
  readonly isEndToEnd: boolean;
}

const literal = (text: string | undefined): unknown => {
  if (text === undefined) return undefined;
  try {
    return parsePythonLiteral(text);
  } catch {
    return undefined;
  }
};

/** Reads the metadata; what is missing or unreadable is null, since the graph is the truth and metadata a hint. */
export function readMetadata({ metadata }: Pick<OnnxFacts, 'metadata'>): UltralyticsMetadata {
  const args = literal(metadata.args);
  const nms = args instanceof Map ? args.get('nms') === true : false;
  return {
    task: metadata.task ?? null,
    stride: positiveInteger(Number(metadata.stride)) ?? 32,
    imgsz: readSize(literal(metadata.imgsz)),
    names: readNames(literal(metadata.names)),
    isEndToEnd: literal(metadata.end2end) === true || nms,
  };
}

const positiveInteger = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;

function readSize(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value)) return null;
  const [height, width] = value.map(positiveInteger);
  return height !== undefined && width !== undefined ? [height, width] : null;
}

function readNames(value: unknown): readonly string[] | null {
  if (Array.isArray(value)) return value.map(String);
  if (!(value instanceof Map)) return null;
  const names: string[] = [];
  for (const [id, name] of value) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > 100_000) return null;
    names[id] = String(name);
  }
  return names.length > 0 ? Array.from(names, (name, id) => name ?? String(id)) : null;
}
