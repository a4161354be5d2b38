import { fail } from '@lensgate/contracts';

/** The outcome of reading from a client, unless that takes too long. @throws REQUEST_TIMEOUT */
export function within<T>(reading: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(fail('REQUEST_TIMEOUT', {})), timeoutMs);
    reading.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
