export { listenForMetrics, type MetricsListener } from './listen-for-metrics.js';
export { Metrics } from './metrics.js';
export { MetricsModule } from './metrics.controller.js';
export { NestLog } from './nest-log.js';
export { measureRequests } from './request-metrics.js';
export { describeError, structuredLog, type LogIdentity } from './structured-log.js';
export { telemetryConfig, type TelemetryConfig } from './telemetry.config.js';
