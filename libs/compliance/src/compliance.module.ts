import { AuditLog, AuditReader } from '@castellan/audit';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import type { Metrics } from '@castellan/telemetry';
import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
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
import { SyslogSink } from './forwarding/syslog-sink.js';
import { AllowedNetworks } from './forwarding/target-address.js';
import { TargetController } from './forwarding/target.controller.js';
import { type TargetRow, TargetStore } from './forwarding/target-store.js';
import { TraceController } from './trace/trace.controller.js';
import { TraceRecords } from './trace/trace-records.js';
import { TraceSubject } from './trace/trace-subject.js';
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
  static forRoot({ imports = [] }: Pick<ModuleMetadata, 'imports'>): DynamicModule {
    return {
      module: ComplianceModule,
      imports,
      controllers: [ExportController, TargetController, TraceController, AlarmController, WatchingController],
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
        AlarmStore,
        AcknowledgeAlarm,
        WatchStore,
        ChangeWatchSettings,
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
  }: Pick<ModuleMetadata, 'imports'> & {
    forwarding: ForwardingConfig;
    metrics: Metrics;
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
          useFactory: (targets: TargetStore, log: AuditReader, keybroker: KeybrokerClient) =>
            new ForwardEvents(targets, log, sinks(new AllowedNetworks(forwarding.networks), keybroker)),
          inject: [TargetStore, AuditReader, KeybrokerClient],
        },
        Forwarder,
        WatchStore,
        AlarmStore,
        {
          provide: WatchLog,
          useFactory: (...parts: ConstructorParameters<typeof WatchLog>) => new WatchLog(...parts),
          inject: [Database, AuditReader, AuditLog, WatchStore, AlarmStore],
        },
        { provide: WatchMetrics, useValue: new WatchMetrics(metrics) },
        Watcher,
      ],
      exports: [RequestLostExports],
    };
  }
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
