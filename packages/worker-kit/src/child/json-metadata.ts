/**
 * A metadata value that is JSON: exporters and uploads keep whole configuration files there.
 * @returns undefined where it is missing or not JSON
 */
export function jsonMetadata(metadata: Readonly<Record<string, string>>, key: string): unknown {
  const text = metadata[key];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
