import { hkdfSync } from 'node:crypto';
import { BlobStore } from '@castellan/blob-store';
import { KeybrokerClient, requestKeys } from '@castellan/keybroker-client';
import { type OpenedWithSecrets, TaskKeys, type WorkKind } from '@castellan/privacy';
import { unsealFile } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import { JobsPeer } from '../jobs-peer.js';

/** Opens the table that a task is about, with keys released for the kind of work that it asks for. */
@Injectable()
export class ReleasedTaskKeys extends TaskKeys {
  constructor(
    private readonly keybroker: KeybrokerClient,
    private readonly store: BlobStore,
    private readonly self: JobsPeer,
  ) {
    super();
  }

  async open(taskId: string, purpose: WorkKind, path: string): Promise<OpenedWithSecrets> {
    const subject = { kind: 'task', id: taskId } as const;
    const { release, keys } = await requestKeys(this.keybroker, { purpose, subject, peer: this.self.peer });
    const [file] = release.files;
    const key = file === undefined ? undefined : keys.get(file.dataKeyId);
    if (file === undefined || key === undefined)
      throw new Error(`the release of task ${taskId} has no file or no key`);
    const { blobKey, dataKeyId, sizeBytes, sha256 } = file;
    const expected = { sizeBytes, sha256 };
    const { bytes } = await unsealFile({ store: this.store, blobKey, dataKeyId, key, path, expected });
    return {
      bytes,
      dispose: () => void bytes.fill(0),
      derive: (label, lengthBytes) =>
        Buffer.from(hkdfSync('sha256', key, '', `castellan/dataset-secret/v1\0${label}`, lengthBytes)),
    };
  }
}
