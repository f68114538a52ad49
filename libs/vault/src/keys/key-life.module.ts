import { BlobStore } from '@castellan/blob-store';
import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { CarryOutDestructions } from './carry-out-destructions.js';
import { Destructions } from './destructions.js';
import { DestructionsController } from './destructions.controller.js';
import { FinishLostKeyWork } from './finish-lost-key-work.js';
import { ProjectKeysController } from './project-keys.controller.js';
import { RetireProjectKey } from './retire-project-key.js';
import { RewrapProcessor } from './rewrap.processor.js';
import { RewrapProject } from './rewrap-project.js';
import { RotateProjectKey } from './rotate-project-key.js';
import { RotationStore } from './rotation-store.js';
import { ShowProjectKeys } from './show-project-keys.js';
import { SealedStore } from '../sealed-store.js';
import { ExportProjectRoot } from '../transfer/export-project-root.js';
import { ImportProjectRoot } from '../transfer/import-project-root.js';
import { TransferController } from '../transfer/transfer.controller.js';
import { SteerRotation } from './steer-rotation.js';

/** The life of keys over HTTP, for the api. `imports` bring AuditLog, KeybrokerClient and JobQueue. */
@Module({})
export class KeyLifeModule {
  static forRoot(options: Pick<ModuleMetadata, 'imports'>): DynamicModule {
    return {
      module: KeyLifeModule,
      imports: options.imports ?? [],
      controllers: [ProjectKeysController, DestructionsController, TransferController],
      providers: [
        RotationStore,
        ShowProjectKeys,
        RotateProjectKey,
        SteerRotation,
        RetireProjectKey,
        Destructions,
        ExportProjectRoot,
        ImportProjectRoot,
      ],
    };
  }
}

/** Its working half, for jobs: no routes. `imports` bring AuditLog, BlobStore, KeybrokerClient and JobQueue. */
@Module({})
export class RewrapModule {
  static forRoot(options: Pick<ModuleMetadata, 'imports'>): DynamicModule {
    return {
      module: RewrapModule,
      imports: options.imports ?? [],
      providers: [
        RotationStore,
        RewrapProject,
        RewrapProcessor,
        FinishLostKeyWork,
        CarryOutDestructions,
        {
          provide: SealedStore,
          useFactory: (store: BlobStore) => new SealedStore(store),
          inject: [BlobStore],
        },
      ],
      exports: [FinishLostKeyWork, CarryOutDestructions],
    };
  }
}
