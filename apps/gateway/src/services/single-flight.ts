/** Those who ask for the same at the same time share one run. */
export interface SingleFlight<T> {
  run(key: string, task: () => Promise<T>): Promise<T>;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const running = new Map<string, Promise<T>>();
  return {
    run(key, task) {
      const known = running.get(key);
      if (known) return known;
      const started = task().finally(() => running.delete(key));
      running.set(key, started);
      return started;
    },
  };
}
