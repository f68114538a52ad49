import { ErasureModule } from '@castellan/access';
import { AuditModule, KeybrokerPersonKeys, type RetentionConfig } from '@castellan/audit';
import { BlobStore } from '@castellan/blob-store';
import { ComplianceJobsModule, eraseComplianceRows, type ForwardingConfig } from '@castellan/compliance';
import { type Database, DatabaseModule } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import {
  BaseVersions,
  DatasetKeys,
  DatasetTaskModule,
  erasePrivacyRows,
  MeasurementModule,
  PipelineModule,
  type MeasurementConfig,
  TaskKeys,
  TrainedVersions,
} from '@castellan/privacy';
import { type QueueConfig, QueueModule } from '@castellan/queue';
import {
  eraseRegistryRows,
  GarbageModule,
  PublishingModule,
  type RegistryConfig,
  ScanModule,
  VersionContents,
} from '@castellan/registry';
import { eraseVaultRows, KeybrokerKeyEncryptionKeys, RewrapModule, VaultModule } from '@castellan/vault';
import type { Metrics } from '@castellan/telemetry';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { JobsPeer } from './jobs-peer.js';
import { LostWork } from './lost-work.js';
import { ReleasedBaseVersions } from './privacy/released-base-versions.js';
import { ReleasedDatasetKeys } from './privacy/released-dataset-keys.js';
import { PublishedTrainings } from './privacy/published-trainings.js';
import { Collector } from './storage/collector.js';
import { ReleasedTaskKeys } from './privacy/released-task-keys.js';
import { ReleasedVersionContents } from './scan/released-version-contents.js';

export interface JobsParts {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly keybroker: KeybrokerClient;
  /** `<role>/<name>` of this process's certificate. */
  readonly peer: string;
  readonly queue: QueueConfig;
  readonly measurement: MeasurementConfig;
  readonly registry: RegistryConfig;
  readonly forwarding: ForwardingConfig;
  readonly metrics: Metrics;
  readonly retention: RetentionConfig;
}

/** What opens sealed things, and whom it asks. */
@Module({})
class ReleaseModule {
  static of({ keybroker, blobs, peer }: JobsParts): DynamicModule {
    const providers: Provider[] = [
      { provide: KeybrokerClient, useValue: keybroker },
      { provide: BlobStore, useValue: blobs },
      { provide: JobsPeer, useValue: new JobsPeer(peer) },
    ];
    return { module: ReleaseModule, providers, exports: providers };
  }
}

/** The queue's processors put together, each with keys of its own purpose. */
@Module({})
export class JobsModule {
  static of(parts: JobsParts): DynamicModule {
    const audit = AuditModule.opening(new KeybrokerPersonKeys(parts.keybroker));
    const imports = [audit, QueueModule.forRoot(parts.queue), ReleaseModule.of(parts)];
    const vault = VaultModule.forRoot({
      blobs: parts.blobs,
      keyEncryptionKeys: new KeybrokerKeyEncryptionKeys(parts.keybroker),
    });
    const publishing = PublishingModule.forRoot({ imports: [...imports, vault], config: parts.registry });
    return {
      module: JobsModule,
      imports: [
        DatabaseModule.around(parts.database),
        ScanModule.forRoot({
          imports,
          contents: { provide: VersionContents, useClass: ReleasedVersionContents },
        }),
        GarbageModule.forRoot({ imports: [audit, vault], config: parts.registry }),
        MeasurementModule.forRoot({
          imports: [...imports, publishing],
          versions: { provide: TrainedVersions, useClass: PublishedTrainings },
          bases: { provide: BaseVersions, useClass: ReleasedBaseVersions },
          keys: { provide: DatasetKeys, useClass: ReleasedDatasetKeys },
          engine: parts.measurement,
          buckets: parts.measurement.buckets,
        }),
        RewrapModule.forRoot({ imports }),
        ErasureModule.forRoot([eraseRegistryRows, erasePrivacyRows, eraseVaultRows, eraseComplianceRows], {
          imports,
        }),
        DatasetTaskModule.forRoot({
          imports: [...imports, vault],
          keys: { provide: TaskKeys, useClass: ReleasedTaskKeys },
          buckets: parts.measurement.buckets,
        }),
        PipelineModule.forRoot({ imports }),
        ComplianceJobsModule.forRoot({
          imports,
          forwarding: parts.forwarding,
          metrics: parts.metrics,
          retention: parts.retention,
        }),
      ],
      providers: [LostWork, Collector],
    };
  }
}
