import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One finished request. */
export interface FinishedRequest {
  readonly method: string;
  /** The route's pattern, never the url: labels must stay few. */
  readonly route: string;
  readonly status: number;
  readonly code: string | null;
  readonly durationS: number;
}

export interface Metrics {
  /** Own to each server, so that two servers of one process (in tests) do not meet. Add your own metrics to it. */
  readonly registry: Registry;
  observe(request: FinishedRequest): void;
  /** Adds a value that is read when metrics are scraped. */
  gauge(name: string, help: string, read: () => number): void;
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * Metrics of one service: the process's own, and its HTTP requests.
 * @param inFlight read when metrics are scraped
 */
export function createMetrics(service: string, inFlight?: () => number): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request’s headers to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers: [registry],
  });
  const problems = new Counter({
    name: 'http_problems_total',
    help: 'Problem documents answered, by code.',
    labelNames: ['route', 'code'],
    registers: [registry],
  });
  const gauge: Metrics['gauge'] = (name, help, read) => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  if (inFlight) gauge('http_requests_in_flight', 'Requests under way.', inFlight);
  return {
    registry,
    observe({ method, route, status, code, durationS }) {
      durations.observe({ method, route, status: String(status) }, durationS);
      if (code !== null) problems.inc({ route, code });
    },
    gauge,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
