import type { InferenceReply, Language } from '@lensgate/contracts';
import { keyHeaders } from './key.js';
import { failureOf, parsed, type RequestFailure } from './problem.js';
import { isReply } from './shapes.js';

export const inferenceUrl = '/api/v1/test_inference/inference/quick';

/** One request for inference: the form as it is sent. */
export interface InferenceRequest {
  readonly file: File;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface InferenceAnswer {
  readonly reply: InferenceReply;
  /** As it came. */
  readonly body: string;
  readonly requestId: string | null;
  /** From the first byte sent to the last received. */
  readonly totalMs: number;
}

export type InferenceOutcome =
  | { readonly kind: 'answered'; readonly answer: InferenceAnswer }
  | { readonly kind: 'failed'; readonly failure: RequestFailure };

/**
 * Sends a picture. XMLHttpRequest and not fetch, which cannot tell how much has been uploaded.
 * @param language in which the API is to tell of problems
 * @param onUploaded called with the share sent, 0…1
 * @param signal breaks the request off; the promise then never settles
 */
export function sendPicture(
  { file, fields }: InferenceRequest,
  { language, onUploaded, signal }: { language: Language; onUploaded: (share: number) => void; signal: AbortSignal },
): Promise<InferenceOutcome> {
  // A form with an empty file is, to a server, one without a file.
  if (file.size === 0) return unsent(file, { kind: 'fileEmpty' });
  return new Promise((resolve) => {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    form.append('file', file, file.name);
    const request = new XMLHttpRequest();
    const startedAtMs = performance.now();
    request.upload.onprogress = ({ loaded, total }) => onUploaded(total > 0 ? loaded / total : 1);
    request.upload.onload = () => onUploaded(1);
    request.onload = () => {
      const totalMs = performance.now() - startedAtMs;
      resolve(outcomeOf(request.status, request.responseText, request.getResponseHeader('x-request-id'), totalMs));
    };
    // A browser says no more than that a request has failed, also when it could not read the file to send.
    request.onerror = () => resolve(unsent(file, { kind: 'unreachable' }));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.open('POST', inferenceUrl);
    const headers = { ...keyHeaders(), 'accept-language': language };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(form);
  });
}

/**
 * Why a file was not sent.
 * @param otherwise the failure where the file can be read
 */
const unsent = (file: File, otherwise: RequestFailure): Promise<InferenceOutcome> =>
  file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => ({ kind: 'failed', failure: otherwise }),
      () => ({ kind: 'failed', failure: { kind: 'fileUnreadable' } }),
    );

function outcomeOf(status: number, body: string, requestId: string | null, totalMs: number): InferenceOutcome {
  const value = status === 200 ? parsed(body) : undefined;
  if (!isReply(value)) return { kind: 'failed', failure: failureOf(status, body) };
  return { kind: 'answered', answer: { reply: value, body, requestId, totalMs } };
}
