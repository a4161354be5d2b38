/**
 * Serves a parent process: told a `count`, it runs that often and sends back the milliseconds of each.
 * @param {() => Promise<void>} once
 */
export function serveTimes(once) {
  process.on('message', async (/** @type {{ count: number }} */ { count }) => {
    const times = [];
    for (let i = 0; i < count; i++) {
      const startedAt = performance.now();
      await once();
      times.push(performance.now() - startedAt);
    }
    process.send?.(times);
  });
  process.send?.('ready');
}
