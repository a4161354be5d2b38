import { endWords } from './service-process.mjs';

/**
 * @typedef {import('./service-process.mjs').ServiceProcess} ServiceProcess
 * @typedef {import('./service-process.mjs').ProcessEnd} ProcessEnd
 * @typedef {{ action: 'restart', waitMs: number } | { action: 'give-up' }} Decision
 */

const waitMsFirst = 250;
const waitMsMax = 10_000;
/** Who has lived this long has not died of its start: its next wait is the shortest one again. */
const settledMs = 30_000;

/**
 * What to do about a service that ended by itself. A worker is replaceable, and the gateway lives without it for a
 * while; everything rests on the gateway and the database. Who dies before it was ever ready would do so again.
 * @param {{ role: 'gateway' | 'worker' | 'database', wasReady: boolean, deathsInARow: number }} facts
 * @returns {Decision}
 */
export function afterDeath({ role, wasReady, deathsInARow }) {
  if (role !== 'worker' || !wasReady) return { action: 'give-up' };
  return { action: 'restart', waitMs: restartWaitMs(deathsInARow) };
}

/** @param {number} deathsInARow from 1 */
export const restartWaitMs = (deathsInARow) => Math.min(waitMsMax, waitMsFirst * 2 ** (deathsInARow - 1));

/**
 * Runs a service and keeps it running.
 * @param {object} options
 * @param {string} options.name
 * @param {() => ServiceProcess} options.start
 * @param {(facts: { deathsInARow: number }) => Decision} options.decide
 * @param {(words: string) => void} options.say
 * @param {(words: string) => void} options.onGiveUp it has died and stays dead
 */
export function keepRunning({ name, start, decide, say, onGiveUp }) {
  /** @typedef {{ name: 'running', process: ServiceProcess, sinceMs: number }} Running */
  /** @type {Running | { name: 'waiting', timer: NodeJS.Timeout } | { name: 'stopped' }} */
  let state = { name: 'stopped' };
  let deathsInARow = 0;

  function run() {
    /** @type {Running} */
    const running = { name: 'running', process: start(), sinceMs: performance.now() };
    state = running;
    void running.process.ended.then((end) => {
      if (state === running) died(end, performance.now() - running.sinceMs);
    });
  }

  /** @param {ProcessEnd} end @param {number} livedMs */
  function died(end, livedMs) {
    deathsInARow = livedMs > settledMs ? 1 : deathsInARow + 1;
    const decision = decide({ deathsInARow });
    const words = `${name} has ended unexpectedly (${endWords(end)})`;
    if (decision.action === 'give-up') {
      state = { name: 'stopped' };
      onGiveUp(`${words}.`);
      return;
    }
    say(`${words} and starts again in ${decision.waitMs / 1_000} s.`);
    state = { name: 'waiting', timer: setTimeout(run, decision.waitMs) };
  }

  /** @returns {Promise<ProcessEnd | undefined>} undefined when it was not running */
  async function stop() {
    const was = state;
    state = { name: 'stopped' };
    if (was.name === 'waiting') clearTimeout(was.timer);
    return was.name === 'running' ? was.process.stop() : undefined;
  }

  run();
  return {
    name,
    stop,
    kill() {
      if (state.name === 'running') state.process.kill();
    },
    async restart() {
      await stop();
      deathsInARow = 0;
      run();
    },
  };
}
