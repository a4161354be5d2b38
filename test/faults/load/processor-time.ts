import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuTicksOf } from '@lensgate/testing';

const ticksPerSecond = 100;
const lookEveryMs = 50;

/**
 * Watches the processor time of children that come and go, until it is told to stop.
 * @param pidsOf those to watch now
 * @returns a function that stops, and gives the seconds that they have used since
 */
export function watchProcessorTime(pidsOf: () => readonly number[]): () => Promise<number> {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  const atStart = new Set(pidsOf());
  let isOver = false;
  const look = () => {
    for (const pid of pidsOf()) {
      const ticks = cpuTicksOf(pid);
      // What came later has used all of its time since.
      if (!first.has(pid)) first.set(pid, atStart.has(pid) ? ticks : 0);
      last.set(pid, Math.max(ticks, last.get(pid) ?? 0));
    }
  };
  const watching = (async () => {
    while (!isOver) {
      look();
      await sleep(lookEveryMs);
    }
    look();
  })();
  return async () => {
    isOver = true;
    await watching;
    const ticks = [...last].reduce((sum, [pid, until]) => sum + until - (first.get(pid) ?? 0), 0);
    return ticks / ticksPerSecond;
  };
}

/** Starts plain processes that together use this many seconds of processor time a second. */
export function startBurners(perSecond: number): { close(): Promise<void> } {
  const whole = Math.floor(perSecond);
  const shares = [...Array.from({ length: whole }, () => 1), perSecond - whole].filter((share) => share > 0.001);
  const children = shares.map((share) =>
    fork(new URL('burner.mjs', import.meta.url), [String(share)], { execArgv: [] }),
  );
  return {
    close: async () => {
      for (const child of children) {
        const ended = once(child, 'exit');
        child.disconnect();
        await ended;
      }
    },
  };
}
