import { call } from '@lensgate/testing';

/** Requests that a server has accepted and not yet answered, as its metrics say; those for the metrics do not count. */
export async function inFlightOf({ url }: { readonly url: string }): Promise<number> {
  const { body } = await call<string>(`${url}/metrics`);
  const value = /^\w*requests_in_flight(?:\{[^}]*\})? (\d+)/m.exec(body)?.[1];
  if (value === undefined) throw new Error('no requests_in_flight among the metrics');
  return Number(value);
}
