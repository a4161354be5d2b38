import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** One worker process that can be called. */
export interface Replica {
  /** Scheme, address and port. */
  readonly origin: string;
  /** In front of every path; mostly empty. */
  readonly basePath: string;
  /** The name it is configured by. */
  readonly host: string;
  /** The URL it is configured by. */
  readonly url: string;
  /** Calls under way. */
  inFlight: number;
  /** Could not be connected to; asked last until then. Monotonic clock. */
  downUntilMs: number;
}

export interface Replicas {
  /** The replicas behind these URLs, the one to try first in front. */
  of(urls: readonly string[]): Promise<Replica[]>;
}

/** How long a name's addresses are believed. */
const addressesMs = 5_000;

/** Finds replicas and keeps what is known of each. A name may stand for several addresses: each is a replica. */
export function createReplicas(now: () => number): Replicas {
  const byOrigin = new Map<string, Replica>();
  const addresses = new Map<string, { origins: string[]; untilMs: number }>();

  const originsOf = async (url: URL): Promise<string[]> => {
    const cached = addresses.get(url.origin);
    if (cached && cached.untilMs > now()) return cached.origins;
    const origins = await resolveOrigins(url).catch(() => cached?.origins ?? [url.origin]);
    addresses.set(url.origin, { origins, untilMs: now() + addressesMs });
    return origins;
  };
  const replicaAt = (origin: string, url: URL, configured: string): Replica => {
    const key = `${origin} ${configured}`;
    const known = byOrigin.get(key);
    if (known) return known;
    const basePath = url.pathname.replace(/\/+$/, '');
    const made = { origin, basePath, host: url.host, url: configured, inFlight: 0, downUntilMs: 0 };
    byOrigin.set(key, made);
    return made;
  };

  return {
    async of(urls) {
      const found = await Promise.all(
        urls.map(async (configured) => {
          const url = new URL(configured);
          return (await originsOf(url)).map((origin) => replicaAt(origin, url, configured));
        }),
      );
      return byPreference(found.flat(), now());
    },
  };
}

/** Those that answered last time first, among them the one with the least to do. */
export function byPreference(replicas: readonly Replica[], nowMs: number): Replica[] {
  const isDown = (replica: Replica) => Number(replica.downUntilMs > nowMs);
  return [...replicas].sort((a, b) => isDown(a) - isDown(b) || a.inFlight - b.inFlight);
}

async function resolveOrigins(url: URL): Promise<string[]> {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  // TLS checks the name, so it must stay; loopback names mean one process, whatever they resolve to.
  if (url.protocol === 'https:' || isIP(name) !== 0 || name === 'localhost') return [url.origin];
  const found = await lookup(name, { all: true });
  const { family } = found[0] ?? {};
  const port = url.port === '' ? '' : `:${url.port}`;
  // One family only: both would name each replica twice.
  const origins = found
    .filter((address) => address.family === family)
    .map(({ address }) => `http://${family === 6 ? `[${address}]` : address}${port}`);
  return origins.length > 0 ? origins : [url.origin];
}
