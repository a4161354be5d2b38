import { fail, type Words } from '@lensgate/contracts';

/** The client is gone: nobody wants an answer any more. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('the client has gone');
  }
}

/** The worker answers its own 504 at the deadline; only when it does not do we. */
export const answerGraceMs = 500;

export interface Patience {
  /** Fires with ClientGone or DEADLINE_EXCEEDED as its reason. */
  readonly signal: AbortSignal;
  /** Takes the timer away. */
  end(): void;
}

/** A signal that fires when the client is gone or the time is over. */
export function patience(options: {
  clientGone: AbortSignal;
  waitMs: number;
  timeoutMs: number;
  phase: Words;
}): Patience {
  const { clientGone, waitMs, timeoutMs, phase } = options;
  const controller = new AbortController();
  const onGone = () => controller.abort(new ClientGone());
  if (clientGone.aborted) onGone();
  clientGone.addEventListener('abort', onGone, { once: true });
  const timer = setTimeout(
    () => controller.abort(fail('DEADLINE_EXCEEDED', { timeout_ms: Math.round(timeoutMs), phase })),
    Math.max(0, waitMs),
  );
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      clientGone.removeEventListener('abort', onGone);
    },
  };
}

/** The promise's outcome, or the signal's reason when that comes first; the work itself goes on. */
export function orGiveUp<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
