import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} PortWish
 * @property {string} name who will listen
 * @property {string} variable what the user sets to change the port
 * @property {string} host
 * @property {number} port 0 takes a free one
 */

/**
 * A port as a variable gives it.
 * @param {string} variable
 * @param {string | undefined} text
 * @param {number} portDefault
 * @throws Error in words for the user
 */
export function parsePort(variable, text, portDefault) {
  if (text === undefined) return portDefault;
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`${variable} must be a port number from 0 to 65535, and is '${text}'.`);
  return port;
}

/**
 * @param {PortWish} wish
 * @returns {Promise<{ server: import('node:net').Server, port: number } | { wish: PortWish, code: string }>}
 */
function bind(wish) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => done({ wish, code: error.code ?? 'UNKNOWN' }));
    server.listen({ host: wish.host, port: wish.port, exclusive: true }, () => {
      const address = server.address();
      done({ server, port: typeof address === 'object' && address !== null ? address.port : wish.port });
    });
  });
}

/** @param {{ wish: PortWish, code: string }} fault */
function faultWords({ wish: { name, variable, host, port }, code }) {
  if (code === 'EADDRINUSE') {
    return `Port ${port}, where ${name} would listen, is in use. Stop what listens there, or set ${variable} to another port.`;
  }
  if (code === 'EACCES')
    return `Port ${port} of ${name} may not be opened by this user: set ${variable} to one above 1023.`;
  return `${name} cannot listen on ${host}, port ${port} (${code}). Set HOST or ${variable} to another value.`;
}

/**
 * Looks whether all ports can be had, all at once so that two services never share one, and picks the free ones.
 * A port that is in use gets a moment: what was ended just before may still be on its way out.
 * @param {readonly PortWish[]} wishes
 * @param {{ waitMsMax?: number }} [options]
 * @returns {Promise<number[]>} in the order of the wishes
 * @throws Error that names every port that is not to be had, and the variable to set
 */
export async function findPorts(wishes, { waitMsMax = 3_000 } = {}) {
  const giveUpAtMs = performance.now() + waitMsMax;
  for (;;) {
    const results = [];
    for (const wish of wishes) results.push(await bind(wish));
    const held = results.flatMap((result) => ('server' in result ? [result] : []));
    const faults = results.flatMap((result) => ('code' in result ? [result] : []));
    await Promise.all(held.map(({ server }) => new Promise((done) => server.close(done))));
    if (faults.length === 0) return held.map(({ port }) => port);
    const mayPass = faults.every(({ code }) => code === 'EADDRINUSE') && performance.now() < giveUpAtMs;
    if (!mayPass) throw new Error(faults.map(faultWords).join('\n'));
    await sleep(200);
  }
}
