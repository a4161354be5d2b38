import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Failure, type Language, languages, Problem, problemOf, type Words, wordsOf } from '@lensgate/contracts';
import { Agent, type Dispatcher, errors } from 'undici';
import type { Replica } from './replicas.js';

/** A worker's answer, unread. */
export interface WorkerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** No answer came: the connection could not be made, or ended before the answer was complete. */
export class WorkerConnectionError extends Error {
  override readonly name = 'WorkerConnectionError';
}

/** What came is not an answer that the wire knows. */
export class WorkerProtocolError extends Error {
  override readonly name = 'WorkerProtocolError';
}

export interface WorkerCall {
  readonly method: Dispatcher.HttpMethod;
  /** With its query string. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
  readonly signal: AbortSignal;
}

export interface WorkerHttp {
  /**
   * One request to one replica.
   * @throws WorkerConnectionError, WorkerProtocolError, and the signal's reason
   */
  call(replica: Replica, call: WorkerCall): Promise<WorkerAnswer>;
  close(): Promise<void>;
}

/** A replica that could not be reached is asked last for this long. */
const downMs = 1_000;

/** Keep-alive connections to workers. Times are limited by each call's signal, not by the pool. */
export function createWorkerHttp(options: {
  token: string | undefined;
  answerBytesMax: number;
  now: () => number;
}): WorkerHttp {
  const agent = new Agent({
    connect: { timeout: 2_000 },
    headersTimeout: 0,
    bodyTimeout: 0,
    // Less than the workers' own keep-alive time, so that a connection is never used while it is being closed.
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 60_000,
    maxResponseSize: options.answerBytesMax,
  });
  const auth: Record<string, string> = options.token ? { authorization: `Bearer ${options.token}` } : {};
  return {
    async call(replica, { method, path, headers = {}, body, signal }) {
      replica.inFlight += 1;
      try {
        const response = await agent.request({
          origin: replica.origin,
          path: replica.basePath + path,
          method,
          headers: { host: replica.host, ...auth, ...headers },
          body: body ?? null,
          signal,
        });
        const bytes = Buffer.from(await response.body.arrayBuffer());
        replica.downUntilMs = 0;
        return readable({ status: response.statusCode, headers: response.headers, body: bytes });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (error instanceof WorkerProtocolError) throw error;
        if (isNonsense(error)) throw new WorkerProtocolError((error as Error).message, { cause: error });
        replica.downUntilMs = options.now() + downMs;
        throw new WorkerConnectionError((error as Error).message, { cause: error });
      } finally {
        replica.inFlight -= 1;
      }
    },
    close: () => agent.destroy(),
  };
}

/** An answer came, and is none. */
const isNonsense = (error: unknown): boolean =>
  error instanceof errors.ResponseExceededMaxSizeError ||
  error instanceof errors.HTTPParserError ||
  error instanceof errors.HeadersOverflowError ||
  error instanceof errors.ResponseContentLengthMismatchError;

/** Only JSON for success and problem documents for refusals are answers of a worker. */
function readable(answer: WorkerAnswer): WorkerAnswer {
  const type = String(answer.headers['content-type'] ?? '');
  const { status, body } = answer;
  // Passed on, it would tell the caller that his key is wrong.
  if (status === 401) throw new WorkerProtocolError('it does not accept this WORKER_TOKEN');
  const isReadable =
    status === 204 ||
    (status >= 200 && status < 300 && /^application\/json\b/i.test(type) && isWholeObject(body)) ||
    (status >= 400 && /^application\/(problem\+)?json\b/i.test(type) && isWholeObject(body));
  if (!isReadable) throw new WorkerProtocolError(`status ${status}, content type "${type}", ${body.length} bytes`);
  return answer;
}

/** Small answers are parsed, which costs less than a tenth of a millisecond; of those with pictures both ends are looked at. */
const parsedBytesMax = 16_384;

function isWholeObject(body: Buffer): boolean {
  if (body.length > parsedBytesMax) return body[0] === 0x7b && body.at(-1) === 0x7d;
  const value = parseJson(body);
  return typeof value === 'object' && value !== null;
}

/** A kept connection may have been closed just as it was used: a new one may do. */
export const wasDropped = (error: unknown): boolean => {
  if (!(error instanceof WorkerConnectionError)) return false;
  const { code } = (error.cause ?? {}) as { code?: string };
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
};

/** @returns undefined for what is not JSON */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A worker's problem as a failure of ours: the worker's code and values, words of ours around them. */
export function failureFrom(problem: Problem, headers: IncomingHttpHeaders): Failure {
  const { code, params, errors } = problem;
  const retryAfterS = Number(headers['retry-after'] ?? Number.NaN);
  return new Failure(
    code,
    { ...params, ...reasonIn(problem, headers) },
    {
      ...(errors && { errors }),
      ...(Number.isFinite(retryAfterS) && { retryAfterS }),
    },
  );
}

/**
 * Why a checkpoint is refused, in the language that was asked for as well: `params` are English in every answer, and the
 * other words are in the sentence only.
 */
function reasonIn({ code, params, detail }: Problem, headers: IncomingHttpHeaders): { reason?: Words } {
  const language = languages.find((each) => each === headers['content-language']);
  if (code !== 'CHECKPOINT_REFUSED' || language === undefined || typeof params?.reason !== 'string') return {};
  const [before = '', after = ''] = wordsOf(code, language).detail.split('{reason}');
  // A worker of another version may have other words around it.
  if (!detail.startsWith(before) || !detail.endsWith(after)) return {};
  const said = detail.slice(before.length, detail.length - after.length);
  return { reason: { en: params.reason, ko: params.reason, [language]: said } };
}

/** The problem that an answer carries; undefined for anything else. */
export function problemIn(answer: WorkerAnswer): Problem | undefined {
  return answer.status < 400 ? undefined : Problem.safeParse(parseJson(answer.body)).data;
}

/** A problem that a worker has told somebody else, for another caller. */
export function toldAnew(answer: WorkerAnswer, to: { requestId: string; language: Language }): WorkerAnswer {
  const problem = problemIn(answer);
  if (!problem) return answer;
  const { headers } = answer;
  const body = JSON.stringify(problemOf(failureFrom(problem, headers), to.requestId, to.language));
  return { ...answer, headers: { ...headers, 'content-language': to.language }, body: Buffer.from(body) };
}
