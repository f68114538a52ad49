import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import type { RegistryConfig } from './registry.config.js';
import { ExportEvidence } from './evidence/export-evidence.js';
import { CreateModel } from './models/create-model.js';
import { ModelController } from './models/model.controller.js';
import { ModelStore } from './models/model-store.js';
import { QueuedScanRequests } from './scan/queued-scan-requests.js';
import { RequestLostScans } from './scan/request-lost-scans.js';
import { ScanRequests } from './scan/scan-requests.js';
import { ScanProcessor } from './scan/scan.processor.js';
import { ScanVersion } from './scan/scan-version.js';
import { VersionContents } from './scan/version-contents.js';
import { ArrivingRows } from './transfer/arriving-rows.js';
import { DescribeTransfer } from './transfer/describe-transfer.js';
import { ReceiveBlob } from './transfer/receive-blob.js';
import { ReceiveVersion } from './transfer/receive-version.js';
import { VersionTransferController } from './transfer/transfer.controller.js';
import { ShowReview } from './trust/show-review.js';
import { SubmitDocument } from './trust/submit-document.js';
import { TrustController } from './trust/trust.controller.js';
import { TrustDocumentStore } from './trust/trust-document-store.js';
import { BeginPartedUpload } from './s3/begin-parted-upload.js';
import { CompletePartedUpload } from './s3/complete-parted-upload.js';
import { DropPartedUpload } from './s3/drop-parted-upload.js';
import { PartedUse } from './s3/parted-use.js';
import { S3Controller } from './s3/s3.controller.js';
import { StorePart } from './s3/store-part.js';
import { CollectGarbage, FindStrays } from './storage/collect-garbage.js';
import { FindProject } from './storage/find-project.js';
import { LooseBlobs } from './storage/loose-blobs.js';
import { QuotaController } from './storage/quota.controller.js';
import { SetQuota } from './storage/set-quota.js';
import { ProjectUsage } from './storage/project-usage.js';
import { VersionStorage } from './storage/version-storage.js';
import { StorageTerms } from './storage/storage-terms.js';
import { AppendToUpload } from './uploads/append-to-upload.js';
import { CreateUpload } from './uploads/create-upload.js';
import { DropUpload } from './uploads/drop-upload.js';
import { FindUploads } from './uploads/find-uploads.js';
import { RecordSegment } from './uploads/record-segment.js';
import { UploadController } from './uploads/upload.controller.js';
import { UploadStore } from './uploads/upload-store.js';
import { AbandonVersion } from './versions/abandon-version.js';
import { FinalizeVersion } from './versions/finalize-version.js';
import { FindVersion } from './versions/find-version.js';
import { OpenUploads } from './versions/open-uploads.js';
import { PublishController } from './versions/publish.controller.js';
import { PublishFiles } from './versions/publish-files.js';
import { StartVersion } from './versions/start-version.js';
import { StoreFile } from './versions/store-file.js';
import { VersionController } from './versions/version.controller.js';
import { VersionStore } from './versions/version-store.js';

const stores: Provider[] = [
  ModelStore,
  VersionStore,
  TrustDocumentStore,
  UploadStore,
  LooseBlobs,
  ProjectUsage,
];
const useCases: Provider[] = [
  CreateModel,
  OpenUploads,
  FindVersion,
  StartVersion,
  StoreFile,
  FinalizeVersion,
  AbandonVersion,
  VersionStorage,
  FindProject,
  SetQuota,
  CreateUpload,
  FindUploads,
  AppendToUpload,
  RecordSegment,
  DropUpload,
  BeginPartedUpload,
  StorePart,
  CompletePartedUpload,
  DropPartedUpload,
  PartedUse,
  DescribeTransfer,
  ReceiveBlob,
  ArrivingRows,
  ReceiveVersion,
  SubmitDocument,
  ShowReview,
  ExportEvidence,
];

/**
 * The registry over HTTP, for the api. `imports` bring Database, AuditLog, AuditReader, DataKeys, SealedStore and
 * KeybrokerClient, and JobQueue unless `scanRequests` asks for scans in another way.
 */
@Module({})
export class RegistryModule {
  static forRoot(
    options: Pick<ModuleMetadata, 'imports'> & {
      scanRequests?: Type<ScanRequests>;
      config: RegistryConfig;
    },
  ): DynamicModule {
    return {
      module: RegistryModule,
      imports: options.imports ?? [],
      controllers: [
        ModelController,
        PublishController,
        UploadController,
        S3Controller,
        QuotaController,
        VersionTransferController,
        VersionController,
        TrustController,
      ],
      providers: [
        ...stores,
        ...useCases,
        { provide: StorageTerms, useValue: new StorageTerms(options.config) },
        { provide: ScanRequests, useClass: options.scanRequests ?? QueuedScanRequests },
      ],
    };
  }
}

/**
 * Publishing for jobs: no routes. `imports` bring Database, AuditLog, DataKeys, SealedStore and JobQueue.
 */
@Module({})
export class PublishingModule {
  static forRoot(options: Pick<ModuleMetadata, 'imports'> & { config: RegistryConfig }): DynamicModule {
    return {
      module: PublishingModule,
      imports: options.imports ?? [],
      providers: [
        ...stores,
        OpenUploads,
        StartVersion,
        StoreFile,
        FinalizeVersion,
        VersionStorage,
        PublishFiles,
        { provide: StorageTerms, useValue: new StorageTerms(options.config) },
        { provide: ScanRequests, useClass: QueuedScanRequests },
      ],
      exports: [PublishFiles],
    };
  }
}

/**
 * The scanning half, for jobs: no routes. `imports` bring Database, AuditLog and JobQueue; `contents` says how a version's
 * files are opened.
 */
@Module({})
export class ScanModule {
  static forRoot(
    options: Pick<ModuleMetadata, 'imports'> & { contents: Provider<VersionContents> },
  ): DynamicModule {
    return {
      module: ScanModule,
      imports: options.imports ?? [],
      providers: [
        VersionStore,
        ScanVersion,
        ScanProcessor,
        RequestLostScans,
        { provide: ScanRequests, useClass: QueuedScanRequests },
        options.contents,
      ],
      exports: [RequestLostScans],
    };
  }
}

/** The collecting half, for jobs: no routes. `imports` bring Database, AuditLog, DataKeys and SealedStore. */
@Module({})
export class GarbageModule {
  static forRoot(options: Pick<ModuleMetadata, 'imports'> & { config: RegistryConfig }): DynamicModule {
    return {
      module: GarbageModule,
      imports: options.imports ?? [],
      providers: [
        VersionStore,
        UploadStore,
        LooseBlobs,
        OpenUploads,
        AbandonVersion,
        DropUpload,
        CollectGarbage,
        FindStrays,
        { provide: StorageTerms, useValue: new StorageTerms(options.config) },
      ],
      exports: [CollectGarbage, FindStrays],
    };
  }
}
