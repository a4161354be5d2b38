import { call } from '@lensgate/testing';

interface Service {
  readonly url: string;
}

/** Requests that a server has accepted and not yet answered, as its metrics say; those for the metrics do not count. */
export const inFlightOf = (service: Service): Promise<number> => metricOf(service, 'http_requests_in_flight');

/** Bytes by which a service's heap has grown since it was last collected at rest. */
export const heapGrownOf = (service: Service): Promise<number> => metricOf(service, 'heap_grown_bytes');

async function metricOf({ url }: Service, name: string): Promise<number> {
  const { body } = await call<string>(`${url}/metrics`);
  const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(body)?.[1];
  if (value === undefined) throw new Error(`no ${name} among the metrics`);
  return Number(value);
}
