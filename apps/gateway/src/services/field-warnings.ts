import type { BatchFields, QuickFields } from '@lensgate/contracts';
import { unknownFieldWarnings } from '@lensgate/http-kit';

/** What is said of fields that a quick request sets and that change nothing. */
export const quickWarnings = (
  { session_id: session, image_path: handle }: QuickFields,
  unknown: readonly string[],
): string[] => [
  ...(session !== undefined && handle === undefined
    ? ['The field session_id has no effect without image_path and was ignored.']
    : []),
  ...unknownFieldWarnings(unknown),
];

/** The same of a batch, whose pictures come with it and under their own names. */
export const batchWarnings = (fields: BatchFields, unknown: readonly string[]): string[] => [
  ...(['image_path', 'session_id', 'filename'] as const)
    .filter((name) => fields[name] !== undefined)
    .map((name) => `The field ${name} has no effect on a batch and was ignored.`),
  ...unknownFieldWarnings(unknown),
];
