import { Module, type DynamicModule } from '@nestjs/common';
import { BlobStore } from '@castellan/blob-store';
import { DataKeys } from './data-keys.js';
import { KeyEncryptionKeys } from './key-encryption-keys.js';
import { SealedStore } from './sealed-store.js';

export interface VaultAdapters {
  readonly blobs: BlobStore;
  readonly keyEncryptionKeys: KeyEncryptionKeys;
}

/** Wires the vault for processes that encrypt. Import the one module object wherever it is needed: Nest keeps one instance. */
@Module({})
export class VaultModule {
  static forRoot({ blobs, keyEncryptionKeys }: VaultAdapters): DynamicModule {
    return {
      module: VaultModule,
      providers: [
        { provide: BlobStore, useValue: blobs },
        { provide: KeyEncryptionKeys, useValue: keyEncryptionKeys },
        {
          provide: DataKeys,
          useFactory: (keys: KeyEncryptionKeys) => new DataKeys(keys),
          inject: [KeyEncryptionKeys],
        },
        {
          provide: SealedStore,
          useFactory: (store: BlobStore) => new SealedStore(store),
          inject: [BlobStore],
        },
      ],
      exports: [BlobStore, DataKeys, SealedStore],
    };
  }
}
