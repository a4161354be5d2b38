// A load generator in a process of its own, so that neither the servers' work nor the test's is in its times. It is told
// what to send and how, by messages, and sends back what became of every request.
import { Agent, request } from 'undici';

/**
 * @typedef {import('./load.js').Shot} Shot
 * @typedef {import('./load.js').Target} Target
 * @typedef {import('./load.js').Order} Order
 */

/** More than any server of a test keeps waiting: what is above it is not sent, and said to be so. */
const inFlightMax = 2_000;
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connections: inFlightMax });
let inFlight = 0;

/**
 * One request, whatever becomes of it.
 * @param {Target} target @param {number} atMs when it begins, counted from the run's start
 * @returns {Promise<Shot>}
 */
async function shoot({ url, headers, body }, atMs) {
  if (inFlight >= inFlightMax) return { atMs, ms: 0, status: 0, code: 'UNSENT', retryAfterS: 0 };
  inFlight += 1;
  const startedAtMs = performance.now();
  const elapsedMs = () => performance.now() - startedAtMs;
  try {
    const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent });
    const text = await answer.body.text();
    const ms = elapsedMs();
    const { statusCode: status } = answer;
    const code = status === 200 ? '' : String(JSON.parse(text).code);
    return { atMs, ms, status, code, retryAfterS: Number(answer.headers['retry-after'] ?? 0) };
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return { atMs, ms: elapsedMs(), status: 0, code: code ?? message, retryAfterS: 0 };
  } finally {
    inFlight -= 1;
  }
}

/**
 * So many clients, each with its next request as soon as it is answered.
 * @param {Extract<Order, { kind: 'closed' }>} order
 */
async function closedLoop({ target, clients, seconds }) {
  const startedAtMs = performance.now();
  const sinceMs = () => performance.now() - startedAtMs;
  /** @type {Shot[]} */
  const shots = [];
  const client = async () => {
    while (sinceMs() < seconds * 1_000) shots.push(await shoot(target, sinceMs()));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return shots;
}

/**
 * Requests at their times, whatever became of those before.
 * @param {Extract<Order, { kind: 'open' }>} order
 * @returns {Promise<Shot[]>}
 */
function openLoop({ target, timesMs }) {
  const startedAtMs = performance.now();
  const sinceMs = () => performance.now() - startedAtMs;
  /** @type {Promise<Shot>[]} */
  const shots = [];
  return new Promise((resolve) => {
    const shootDue = () => {
      const nowMs = sinceMs();
      while (Number(timesMs[shots.length]) <= nowMs) shots.push(shoot(target, nowMs));
      const dueMs = timesMs[shots.length];
      if (dueMs === undefined) resolve(Promise.all(shots));
      else setTimeout(shootDue, dueMs - sinceMs());
    };
    shootDue();
  });
}

process.on('message', async (/** @type {Order} */ order) => {
  process.send?.(await (order.kind === 'closed' ? closedLoop(order) : openLoop(order)));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
