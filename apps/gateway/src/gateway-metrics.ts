import type { Metrics } from '@lensgate/http-kit';
import type { GatewayParts } from './gateway-parts.js';

/** What only a gateway can measure. */
export function addGatewayMetrics({ gauge }: Metrics, { uploads }: GatewayParts): void {
  gauge('gateway_uploads_in_flight_bytes', 'Bytes of pictures that are held.', () => uploads.bytes);
}
