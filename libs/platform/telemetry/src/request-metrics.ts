import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Metrics } from './metrics.js';

/** Counts and times every request by route pattern, method and status, under OpenTelemetry's name. Call before listening. */
export function measureRequests(nest: NestFastifyApplication, metrics: Metrics): void {
  const durations = metrics.durations(
    'http_server_request_duration_seconds',
    'Time from the request line to the last byte of the answer',
    ['http_route', 'http_request_method', 'http_response_status_code'],
  );
  nest
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', async (request, reply) => {
      durations.observe(
        {
          // The pattern, not the address: an address has as many values as there are ids.
          http_route: request.routeOptions.url ?? 'unknown',
          http_request_method: request.method,
          http_response_status_code: String(reply.statusCode),
        },
        reply.elapsedTime / 1000,
      );
    });
}
