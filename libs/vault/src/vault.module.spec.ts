import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BlobStore, FolderBlobStore } from '@castellan/blob-store';
import { DataKeys, KeyEncryptionKeys, SealedStore, VaultModule } from './index.js';

class NoKeys extends KeyEncryptionKeys {
  override async current(): Promise<never> {
    throw new Error('no keys here');
  }
}

describe('VaultModule', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'castellan-vault-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('gives every importer the same store and the same keys', async () => {
    const blobs = await FolderBlobStore.open(root);
    const vault = VaultModule.forRoot({ blobs, keyEncryptionKeys: new NoKeys() });
    class Context {
      readonly isAnotherContext = true;
    }
    const collected = (name: string) => ({
      provide: name,
      useFactory: (...given: unknown[]) => given,
      inject: [BlobStore, DataKeys, SealedStore],
    });
    const importing = (name: string): DynamicModule => ({
      module: class extends Context {},
      imports: [vault],
      providers: [collected(name)],
    });
    const composed = { module: Context, imports: [importing('registry'), importing('privacy')] };
    const app = await NestFactory.createApplicationContext(composed, { logger: false });
    const [registry, privacy] = [app.get<unknown[]>('registry'), app.get<unknown[]>('privacy')];
    expect(registry[0]).toBe(blobs);
    expect(registry[1]).toBeInstanceOf(DataKeys);
    expect(registry[2]).toBeInstanceOf(SealedStore);
    registry.forEach((given, index) => expect(privacy[index]).toBe(given));
    await app.close();
  });
});
