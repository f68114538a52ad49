import { randomUUID, type KeyObject } from 'node:crypto';
import { FolderBlobStore } from '@castellan/blob-store';
import type { TestDatabase } from '@castellan/database';
import { generateKeyPair } from '@castellan/hpke';
import { type DataKeySubject, KeyEncryptionKeys, unsealFile, unwrapDataKey } from '@castellan/vault';
import { DatasetStore, type DatasetRow } from '../dataset/dataset-store.js';
import { DatasetKeys, type OpenedTable } from '../measurement/dataset-keys.js';

/** The keybroker's part: key-encryption keys, and data keys for whoever measures. */
export class Broker extends KeyEncryptionKeys {
  private readonly projects = new Map<
    string,
    { kekId: string; privateKey: KeyObject; publicKey: Uint8Array }
  >();

  constructor(private readonly test: TestDatabase) {
    super();
  }

  override async current(projectId: string) {
    const known = this.projects.get(projectId);
    if (known) return { ...known, version: 1 };
    const kek = { kekId: randomUUID(), ...generateKeyPair() };
    this.projects.set(projectId, kek);
    const data = { id: kek.kekId, projectId, version: 1, sealedPrivate: Buffer.from('sealed by a KMS') };
    await this.test.database.client.keyEncryptionKey.create({ data });
    return { ...kek, version: 1 };
  }

  release({ id, projectId: project, dataKeyId }: DatasetRow): Promise<KeyObject> {
    return this.open(dataKeyId ?? '', { kind: 'dataset', id, project });
  }

  async open(id: string, subject: DataKeySubject): Promise<KeyObject> {
    const { kekId, wrapped } = await this.test.database.client.dataKey.findUniqueOrThrow({ where: { id } });
    const kek = this.projects.get(subject.project);
    if (kek?.kekId !== kekId) throw new Error('no such key');
    return unwrapDataKey(kek.privateKey, subject, wrapped);
  }
}

/** Opens tables for real; counts them; can be told to fail first. */
export class CountingKeys extends DatasetKeys {
  opened = 0;
  disposed = 0;
  fault: Error | undefined;

  constructor(
    private readonly datasets: DatasetStore,
    readonly broker: Broker,
    readonly store: FolderBlobStore,
  ) {
    super();
  }

  override async open(datasetId: string, path: string): Promise<OpenedTable> {
    if (this.fault) throw this.fault;
    const dataset = await this.datasets.byId(datasetId);
    if (dataset?.blobKey == null || dataset.dataKeyId === null) throw new Error('nothing sealed');
    const { blobKey, dataKeyId } = dataset;
    const key = await this.broker.release(dataset);
    const { bytes } = await unsealFile({ store: this.store, blobKey, dataKeyId, key, path });
    this.opened += 1;
    return {
      bytes,
      dispose: () => {
        bytes.fill(0);
        this.disposed += 1;
      },
    };
  }
}
