import type { InferenceRequest } from '../api/send-picture.js';

/** Whether two requests ask the same of the same picture. */
export const isSameRequest = (one: InferenceRequest, other: InferenceRequest): boolean =>
  one.file === other.file && one.fields.map(String).join('&') === other.fields.map(String).join('&');
