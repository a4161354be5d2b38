import { connect } from 'node:net';
import type { RouteContract } from '@lensgate/contracts';

export * from '../src/index.js';

/** A route contract that states only what a test is about. */
export const defineTestRoute = <
  const T extends Pick<RouteContract, 'method' | 'path' | 'replies'> & Partial<RouteContract>,
>(
  route: T,
) => ({ id: 'test', tag: 'test', summary: 'test', errors: [], ...route }) as const;

/** Writes bytes on a socket of its own and reads until the other side ends. */
export function exchange(port: number, text: string, { keepOpen = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (keepOpen) resolve(answer);
    });
    socket.on('end', () => {
      socket.end();
      resolve(answer);
    });
    socket.on('error', reject);
  });
}
