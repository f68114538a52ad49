import { AuditLog, OpenedLog, type RetentionConfig } from '@castellan/audit';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import type { Metrics } from '@castellan/telemetry';
import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { CancelExport } from './exports/cancel-export.js';
import { DownloadExport } from './exports/download-export.js';
import { ExportController } from './exports/export.controller.js';
import { ExportProcessor } from './exports/export.processor.js';
import { ExportStore } from './exports/export-store.js';
import { RequestExport } from './exports/request-export.js';
import { RequestLostExports } from './exports/request-lost-exports.js';
import { RunExport } from './exports/run-export.js';
import { ChangeTarget } from './forwarding/change-target.js';
import { CreateTarget } from './forwarding/create-target.js';
import { ForwardEvents } from './forwarding/forward-events.js';
import { Forwarder } from './forwarding/forwarder.js';
import type { ForwardingConfig } from './forwarding/forwarding.config.js';
import { ExpiryProcessor } from './retention/expiry.processor.js';
import { ExpiryRunStore } from './retention/expiry-run-store.js';
import { HoldController } from './retention/hold.controller.js';
import { HoldStore } from './retention/hold-store.js';
import { LiftHold } from './retention/lift-hold.js';
import { PreviewExpiry } from './retention/preview-expiry.js';
import { RequestDueExpiries } from './retention/request-due-expiries.js';
import { RequestExpiry } from './retention/request-expiry.js';
import { RetentionController } from './retention/retention.controller.js';
import { RetentionMinima } from './retention/retention-minima.js';
import { RetentionStore } from './retention/retention-store.js';
import { ExpiryRules } from './retention/expiry-rules.js';
import { RunExpiry } from './retention/run-expiry.js';
import { SetHold } from './retention/set-hold.js';
import { SetRetention } from './retention/set-retention.js';
import { SyslogSink } from './forwarding/syslog-sink.js';
import { AllowedNetworks } from './forwarding/target-address.js';
import { TargetController } from './forwarding/target.controller.js';
import { type TargetRow, TargetStore } from './forwarding/target-store.js';
import { TraceController } from './trace/trace.controller.js';
import { TraceRecords } from './trace/trace-records.js';
import { TraceSubject } from './trace/trace-subject.js';
import { TraceTables } from './trace/trace-tables.js';
import { WebhookSink } from './forwarding/webhook-sink.js';
import { AcknowledgeAlarm } from './watching/acknowledge-alarm.js';
import { AlarmController } from './watching/alarm.controller.js';
import { AlarmStore } from './watching/alarm-store.js';
import { ChangeWatchSettings } from './watching/change-watch-settings.js';
import { Watcher } from './watching/watcher.js';
import { WatchingController } from './watching/watching.controller.js';
import { WatchLog } from './watching/watch-log.js';
import { WatchMetrics } from './watching/watch-metrics.js';
import { WatchStore } from './watching/watch-store.js';

/** Compliance over HTTP, for the api. `imports` bring Database, AuditLog, AuditReader, KeybrokerClient and JobQueue. */
@Module({})
export class ComplianceModule {
  static forRoot({
    imports = [],
    retention,
  }: Pick<ModuleMetadata, 'imports'> & { retention: RetentionConfig }): DynamicModule {
    return {
      module: ComplianceModule,
      imports,
      controllers: [
        ExportController,
        TargetController,
        TraceController,
        AlarmController,
        WatchingController,
        RetentionController,
        HoldController,
      ],
      providers: [
        ExportStore,
        RequestExport,
        CancelExport,
        DownloadExport,
        TargetStore,
        CreateTarget,
        ChangeTarget,
        TraceRecords,
        TraceSubject,
        TraceTables,
        AlarmStore,
        AcknowledgeAlarm,
        WatchStore,
        ChangeWatchSettings,
        ...retentionParts(retention),
        SetRetention,
        PreviewExpiry,
        RequestExpiry,
        SetHold,
        LiftHold,
      ],
    };
  }
}

/** What runs by itself, for jobs: no routes. The same `imports`. */
@Module({})
export class ComplianceJobsModule {
  static forRoot({
    imports = [],
    forwarding,
    metrics,
    retention,
  }: Pick<ModuleMetadata, 'imports'> & {
    forwarding: ForwardingConfig;
    metrics: Metrics;
    retention: RetentionConfig;
  }): DynamicModule {
    return {
      module: ComplianceJobsModule,
      imports,
      providers: [
        ExportStore,
        RunExport,
        ExportProcessor,
        RequestLostExports,
        TargetStore,
        {
          provide: ForwardEvents,
          useFactory: (targets: TargetStore, log: OpenedLog, keybroker: KeybrokerClient) =>
            new ForwardEvents(targets, log, sinks(new AllowedNetworks(forwarding.networks), keybroker)),
          inject: [TargetStore, OpenedLog, KeybrokerClient],
        },
        Forwarder,
        WatchStore,
        AlarmStore,
        {
          provide: WatchLog,
          useFactory: (...parts: ConstructorParameters<typeof WatchLog>) => new WatchLog(...parts),
          inject: [Database, OpenedLog, AuditLog, WatchStore, AlarmStore],
        },
        { provide: WatchMetrics, useValue: new WatchMetrics(metrics) },
        Watcher,
        ...retentionParts(retention),
        ExpiryRules,
        RunExpiry,
        ExpiryProcessor,
        RequestDueExpiries,
      ],
      exports: [RequestLostExports, RequestDueExpiries],
    };
  }
}

function retentionParts({ retentionMinima: days }: RetentionConfig): Provider[] {
  const minima: RetentionMinima = { days };
  return [{ provide: RetentionMinima, useValue: minima }, RetentionStore, HoldStore, ExpiryRunStore];
}

/** A target's key is always the same, so it is asked for, and recorded, once in this process's life. */
function sinks(networks: AllowedNetworks, keybroker: KeybrokerClient) {
  const keys = new Map<string, Buffer>();
  const keyOf = async (id: string): Promise<Buffer> => {
    const key = keys.get(id) ?? Buffer.from(await keybroker.forwardingKey(id), 'base64url');
    keys.set(id, key);
    return key;
  };
  return async (target: TargetRow) =>
    target.kind === 'syslog'
      ? new SyslogSink(target, networks)
      : new WebhookSink(target, networks, await keyOf(target.id));
}
