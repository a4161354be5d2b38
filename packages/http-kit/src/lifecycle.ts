export type LifecycleState = 'starting' | 'ready' | 'draining';

/** Where a service stands. One object per server; `/ready`, the drain and the request count read it. */
export interface Lifecycle {
  state: LifecycleState;
  /** Requests under way that a drain waits for (not health, ready or metrics). */
  readonly inFlight: number;
  enter(): void;
  leave(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Calls back every time that the last request under way has ended. */
  onIdle(listener: () => void): void;
}

export function createLifecycle(): Lifecycle {
  let inFlight = 0;
  let waiting: (() => void)[] = [];
  const listeners: (() => void)[] = [];
  return {
    state: 'starting',
    get inFlight() {
      return inFlight;
    },
    enter() {
      inFlight += 1;
    },
    leave() {
      inFlight -= 1;
      if (inFlight > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
      for (const listener of listeners) listener();
    },
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    onIdle: (listener) => void listeners.push(listener),
  };
}
