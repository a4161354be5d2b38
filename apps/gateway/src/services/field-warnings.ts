import type { BatchFields, QuickFields, Words } from '@lensgate/contracts';
import { ignoredInBatch, unknownFieldWarnings } from '@lensgate/http-kit';

const sessionWithoutHandle = {
  en: 'The field session_id has no effect without image_path and was ignored.',
  ko: 'session_id 필드는 image_path 없이는 쓰이지 않으므로 무시했습니다.',
};

/** What is said of fields that a quick request sets and that change nothing. */
export const quickWarnings = (
  { session_id: session, image_path: handle }: QuickFields,
  unknown: readonly string[],
): Words[] => [
  ...(session !== undefined && handle === undefined ? [sessionWithoutHandle] : []),
  ...unknownFieldWarnings(unknown),
];

/** The same of a batch, whose pictures come with it and under their own names. */
export const batchWarnings = (fields: BatchFields, unknown: readonly string[]): Words[] => [
  ...(['image_path', 'session_id', 'filename'] as const)
    .filter((name) => fields[name] !== undefined)
    .map(ignoredInBatch),
  ...unknownFieldWarnings(unknown),
];
