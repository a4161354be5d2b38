import type { RouteContract } from '@lensgate/contracts';

export * from '../src/index.js';

/** A route contract that states only what a test is about. */
export const defineTestRoute = <
  const T extends Pick<RouteContract, 'method' | 'path' | 'replies'> & Partial<RouteContract>,
>(
  route: T,
) => ({ id: 'test', tag: 'test', summary: 'test', errors: [], ...route }) as const;
