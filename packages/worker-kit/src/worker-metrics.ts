import type { Metrics } from '@lensgate/http-kit';
import { Gauge } from 'prom-client';
import { residentBytes } from './memory.js';
import type { WorkerParts } from './worker-parts.js';

/** What only the worker knows: its queue, its slots, its children. */
export function addWorkerMetrics({ registry }: Metrics, { scheduler, pool, store, uploads }: WorkerParts): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `lensgate_worker_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('queued_requests', 'Requests that wait for a child.', () => scheduler.queued);
  gauge('running_requests', 'Requests that a child works on, answered ones included.', () => scheduler.inFlight);
  gauge('children', 'Child processes that hold a checkpoint.', () => pool.homes.length);
  gauge('spare_children', 'Child processes that wait for a checkpoint.', () => pool.spares);
  gauge('children_resident_bytes', 'Resident memory of the children that hold a checkpoint.', () =>
    pool.homes.reduce((sum, { child }) => sum + (residentBytes(child.pid) ?? 0), 0),
  );
  gauge('store_bytes', 'Checkpoints on disk.', () => store.bytes);
  gauge('uploads_in_flight_bytes', 'Bytes of pictures that are held.', () => uploads.bytes);
}
