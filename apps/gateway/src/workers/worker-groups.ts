import { type Framework, frameworks } from '@lensgate/contracts';

/** The base URLs of the workers, several replicas each. */
export type WorkerServices = Readonly<Record<Framework | 'fallback', readonly string[]>>;

/** Workers that do the same. */
export interface WorkerGroup {
  readonly name: Framework | 'fallback';
  readonly urls: readonly string[];
}

/** Which workers serve a job: those of its framework; for no framework or an unknown one those of TRAINING_SERVICE_URL. */
export function groupFor(framework: string | null, services: WorkerServices): WorkerGroup {
  const name = frameworks.find((known) => known === framework?.toLowerCase()) ?? 'fallback';
  return { name, urls: services[name] };
}

/** Every group once; the fallback only when it is not a group already. */
export function allGroups(services: WorkerServices): WorkerGroup[] {
  const named: WorkerGroup[] = frameworks.map((name) => ({ name, urls: services[name] }));
  const known = new Set(named.flatMap(({ urls }) => urls));
  const others = services.fallback.filter((url) => !known.has(url));
  return others.length > 0 ? [...named, { name: 'fallback', urls: others }] : named;
}
