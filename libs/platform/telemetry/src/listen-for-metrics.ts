import { createHttpApp } from '@castellan/http';
import { Metrics } from './metrics.js';
import { MetricsModule } from './metrics.controller.js';

export interface MetricsListener {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves /metrics on a port of its own, since labels name deployments; without a port there is none.
 * @throws HttpError `port_in_use`
 */
export async function listenForMetrics(
  metrics: Metrics,
  host: string,
  port: number | undefined,
): Promise<MetricsListener | undefined> {
  if (port === undefined) return undefined;
  const app = await createHttpApp(MetricsModule.of(metrics), { logger: false });
  const { url } = await app.listen({ host, port });
  return { url, close: () => app.close() };
}
