import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { Problem } from '@lensgate/contracts';
import { Agent, request } from 'undici';

/** One part of a form. */
export interface FormPart {
  readonly name: string;
  readonly value: string | Uint8Array;
  /** Makes it a file. */
  readonly filename?: string;
  readonly type?: string;
}

export interface Form {
  readonly body: Buffer;
  readonly contentType: string;
}

/** A multipart body, written by hand so that a test can break it anywhere. */
export function formOf(parts: readonly FormPart[], boundary = `----${randomUUID()}`): Form {
  const chunks = parts.flatMap(({ name, value, filename, type }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? '' : `; filename="${filename}"`,
    type === undefined ? '' : `\r\nContent-Type: ${type}`,
    '\r\n\r\n',
    value,
    '\r\n',
  ]);
  const bytes = [...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk as string));
  return { body: Buffer.concat(bytes), contentType: `multipart/form-data; boundary=${boundary}` };
}

export type Fields = Readonly<Record<string, string | number | boolean>>;

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: T;
}

/** A problem document, for tests that expect one. */
export type ProblemAnswer = Answer<Problem>;

const newAgent = () => new Agent({ headersTimeout: 0, bodyTimeout: 0, connections: 64 });
let agent = newAgent();

/** Closes the connections that the helpers of this file keep for further requests. */
export async function closeConnections(): Promise<void> {
  const kept = agent;
  agent = newAgent();
  await kept.close();
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Fires to break the connection off. */
  readonly signal?: AbortSignal;
}

/** One request; JSON answers are parsed, others, lines of JSON too, are text. */
export async function call<T = unknown>(url: string, options: CallOptions = {}): Promise<Answer<T>> {
  const { method = 'GET', json, signal } = options;
  const body = json === undefined ? options.body : Buffer.from(JSON.stringify(json));
  const response = await request(url, {
    method,
    headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    dispatcher: agent,
    ...(body ? { body } : {}),
    ...(signal ? { signal } : {}),
  });
  const text = await response.body.text();
  const isJson = /\bjson\b/.test(String(response.headers['content-type'] ?? ''));
  return {
    status: response.statusCode,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as T,
  };
}

export interface QuickOptions {
  readonly image: Uint8Array;
  readonly filename?: string;
  readonly fields: Fields;
  readonly requestId?: string;
  readonly signal?: AbortSignal;
}

/** Posts a picture and fields as a form. @param url of the quick route */
export function postPicture<T = unknown>(url: string, options: QuickOptions): Promise<Answer<T>> {
  const { image, fields, filename = 'picture.png', requestId, signal } = options;
  const { body, contentType } = formOf([
    ...Object.entries(fields).map(([name, value]) => ({ name, value: String(value) })),
    { name: 'file', value: image, filename, type: 'application/octet-stream' },
  ]);
  return call<T>(url, {
    method: 'POST',
    body,
    headers: { 'content-type': contentType, ...(requestId === undefined ? {} : { 'x-request-id': requestId }) },
    ...(signal ? { signal } : {}),
  });
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Whether the connection was reset rather than closed. */
  readonly wasReset: boolean;
}

/**
 * Writes bytes on a socket, whatever they are, and reads one answer.
 * @param halfClose ends our side after the bytes, as a client that has died in the middle
 */
export function rawRequest(
  url: string,
  bytes: Uint8Array,
  { halfClose = false }: { halfClose?: boolean } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    let wasReset = false;
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(bytes);
      if (halfClose) socket.end();
    });
    const done = () => {
      socket.destroy();
      resolve({ ...parseAnswer(received), wasReset });
    };
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (isComplete(received)) done();
    });
    socket.on('error', () => {
      wasReset = true;
    });
    socket.on('close', done);
  });
}

function parseAnswer(received: Buffer): Omit<RawAnswer, 'wasReset'> {
  const [head = '', ...rest] = received.toString().split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, text: rest.join('\r\n\r\n') };
}

function isComplete(received: Buffer): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = /^content-length: (\d+)/im.exec(received.subarray(0, headEnd).toString())?.[1];
  return length !== undefined && received.length >= headEnd + 4 + Number(length);
}

/** The bytes of an HTTP/1.1 request. */
export function requestBytes(
  method: string,
  url: string,
  { headers = {}, body = new Uint8Array() }: { headers?: Readonly<Record<string, string>>; body?: Uint8Array } = {},
): Buffer {
  const { pathname, search, host } = new URL(url);
  const all = { host, 'content-length': String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}
