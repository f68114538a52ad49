import { BlobStore } from '@castellan/blob-store';
import { KeybrokerClient, requestKeys } from '@castellan/keybroker-client';
import { DatasetKeys, type OpenedTable } from '@castellan/privacy';
import { unsealFile } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import { JobsPeer } from '../jobs-peer.js';

/** Opens a sealed table with keys released for the purpose `measure`. */
@Injectable()
export class ReleasedDatasetKeys extends DatasetKeys {
  constructor(
    private readonly keybroker: KeybrokerClient,
    private readonly store: BlobStore,
    private readonly self: JobsPeer,
  ) {
    super();
  }

  async open(datasetId: string, path: string): Promise<OpenedTable> {
    const subject = { kind: 'dataset', id: datasetId } as const;
    const question = { purpose: 'measure', subject, peer: this.self.peer } as const;
    const { release, keys } = await requestKeys(this.keybroker, question);
    const [file] = release.files;
    const key = file === undefined ? undefined : keys.get(file.dataKeyId);
    if (file === undefined || key === undefined)
      throw new Error(`the release of dataset ${datasetId} has no file or no key`);
    const { blobKey, dataKeyId, sizeBytes, sha256 } = file;
    const expected = { sizeBytes, sha256 };
    const { bytes } = await unsealFile({ store: this.store, blobKey, dataKeyId, key, path, expected });
    return { bytes, dispose: () => void bytes.fill(0) };
  }
}
