import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What is sent, again and again. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One request, as its client saw it. */
export interface Shot {
  /** When it began, counted from the run's start. */
  readonly atMs: number;
  /** Until its answer was read. */
  readonly ms: number;
  /** 0 without an answer; `code` says why. */
  readonly status: number;
  /** Of the problem document; empty for 200. */
  readonly code: string;
  /** 0 without one. */
  readonly retryAfterS: number;
}

export type Order =
  /** As many clients, each with its next request as soon as it is answered. */
  | { readonly kind: 'closed'; readonly target: Target; readonly clients: number; readonly seconds: number }
  /** Requests at these times, ascending from the start, whatever becomes of those before. */
  | { readonly kind: 'open'; readonly target: Target; readonly timesMs: readonly number[] };

/** A load generator in a process of its own; it carries out one order at a time. */
export interface Generator {
  run(order: Order): Promise<Shot[]>;
  close(): Promise<void>;
}

export async function startGenerator(): Promise<Generator> {
  const child = fork(new URL('generator.mjs', import.meta.url), { execArgv: [], serialization: 'advanced' });
  await nextMessage(child);
  return {
    run: async (order) => {
      child.send(order);
      return (await nextMessage(child)) as Shot[];
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the load generator has ended'));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}
