import { AccessModule } from '@castellan/access';
import { AuditModule, KeybrokerPersonKeys } from '@castellan/audit';
import { Database, DatabaseModule, type DatabaseConfig } from '@castellan/database';
import { createHttpApp } from '@castellan/http';
import { ProcessIdentity, type KeybrokerConfig } from '@castellan/keybroker-client';
import {
  KeybrokerEvaluationClient,
  MutualTlsWorkerClient,
  PredictionModule,
  RoutingTable,
  servingRules,
  type PredictionConfig,
} from '@castellan/serving';
import {
  listenForMetrics,
  measureRequests,
  Metrics,
  NestLog,
  structuredLog,
  type TelemetryConfig,
} from '@castellan/telemetry';
import { Module } from '@nestjs/common';
import type { GatewayConfig } from './gateway.config.js';

const CONTROL_TIMEOUT_MS = 2_000;
const PREDICTION_TIMEOUT_MS = 60_000;

export interface GatewaySettings {
  readonly gateway: GatewayConfig;
  readonly database: DatabaseConfig;
  readonly keybroker: KeybrokerConfig;
  readonly prediction: PredictionConfig;
  readonly telemetry: TelemetryConfig;
}

export interface RunningGateway {
  readonly url: string;
  /** Where Prometheus reads; only with METRICS_PORT. */
  readonly metricsUrl: string | undefined;
  /** Takes no more, finishes what is in flight, lets go of everything. */
  close(): Promise<void>;
}

@Module({})
class GatewayModule {}

/** The data plane: enrols with the keybroker, then listens. @throws what enrolment refuses with; `port_in_use` */
export async function startGateway(settings: GatewaySettings): Promise<RunningGateway> {
  const { gateway, keybroker, prediction, telemetry } = settings;
  const identity = await ProcessIdentity.enroll({ ...keybroker, role: 'gateway', name: gateway.name });
  const workers = new MutualTlsWorkerClient({
    control: identity.fetch('worker', CONTROL_TIMEOUT_MS),
    data: identity.fetch('worker', PREDICTION_TIMEOUT_MS),
  });
  const evaluations = new KeybrokerEvaluationClient(identity.keybroker());
  const metrics = new Metrics('gateway');
  const logger = new NestLog(structuredLog({ service: 'gateway', instance: gateway.name }, telemetry));
  const imports = [
    DatabaseModule.forRoot(settings.database),
    AccessModule.forRoot([servingRules], {
      imports: [AuditModule],
      routes: false,
      personKeys: new KeybrokerPersonKeys(identity.keybroker()),
    }),
    PredictionModule.forRoot({ imports: [AuditModule], config: prediction, workers, evaluations, metrics }),
  ];
  const app = await createHttpApp(
    { module: GatewayModule, imports },
    {
      logger,
      prepare: async (nest) => measureRequests(nest, metrics),
      readiness: (get) => ({
        database: () => get(Database).ping(),
        routes: async () => {
          if (!get(RoutingTable).filled) throw new Error('the reconciler has not been round yet');
        },
      }),
    },
  );
  const { url } = await app.listen({ host: gateway.host, port: gateway.port });
  const measured = await listenForMetrics(metrics, gateway.host, telemetry.metricsPort);
  return {
    url,
    metricsUrl: measured?.url,
    close: async () => {
      await app.close();
      await measured?.close();
      await identity.close();
    },
  };
}
