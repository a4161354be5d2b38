import type { Problem } from '@lensgate/contracts';
import {
  type CallOptions,
  call,
  type Fields,
  type FormPart,
  formOf,
  type GatewayCalls,
  rawRequest,
  requestBytes,
  waitFor,
} from '@lensgate/testing';

/** What the provoked request was answered, whichever way it was sent. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Problem;
}

const korean = { 'accept-language': 'ko-KR, en;q=0.5' };

/** One request of somebody who reads Korean. */
export const ask = (url: string, options: CallOptions = {}): Promise<Told> =>
  call<Problem>(url, { ...options, headers: { ...korean, ...options.headers } });

/** The same by hand, over a socket of its own. */
export async function askRaw(
  method: string,
  url: string,
  options: { headers?: Readonly<Record<string, string>>; body?: Uint8Array; halfClose?: boolean } = {},
): Promise<Told> {
  const { halfClose = false, headers, body } = options;
  const bytes = requestBytes(method, url, { headers: { ...korean, ...headers }, ...(body ? { body } : {}) });
  const answer = await rawRequest(url, bytes, { halfClose });
  return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.text) as Problem };
}

const partsOf = (fields: Fields): FormPart[] =>
  Object.entries(fields).map(([name, value]) => ({ name, value: String(value) }));

export interface FormOptions extends Pick<CallOptions, 'headers' | 'signal'> {
  readonly fields?: Fields;
  readonly file?: Uint8Array;
  /** The field that the file goes into. */
  readonly name?: string;
}

export function askForm(url: string, { fields = {}, file, name = 'file', ...options }: FormOptions): Promise<Told> {
  const filePart = file === undefined ? [] : [{ name, value: file, filename: 'a.png', type: 'image/png' }];
  const { body, contentType } = formOf([...partsOf(fields), ...filePart]);
  return ask(url, { ...options, method: 'POST', body, headers: { 'content-type': contentType, ...options.headers } });
}

export const inferenceUrl = ({ url }: { url: string }, route: string): string =>
  `${url}/api/v1/test_inference/inference/${route}`;

/** A job whose checkpoint is this file. */
export async function jobOf(gateway: GatewayCalls, file: Uint8Array): Promise<number> {
  const { id } = (await gateway.createJob()).body;
  const { status } = await gateway.upload(id, file);
  if (status !== 201) throw new Error(`the checkpoint was answered ${status}`);
  return id;
}

/** Asks until the answer is this one: for what must be met between two turns of a clock. */
export const askUntil = (code: string, again: () => Promise<Told>): Promise<Told> =>
  waitFor(
    async () => {
      const told = await again();
      return told.body.code === code && told;
    },
    { what: code },
  );
