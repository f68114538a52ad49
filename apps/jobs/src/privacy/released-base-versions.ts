import { readManifest } from '@castellan/approval-policy';
import { BlobStore } from '@castellan/blob-store';
import { wipe } from '@castellan/engine';
import { KeybrokerClient, requestKeys } from '@castellan/keybroker-client';
import { type BaseVersion, BaseVersions, type OpenedBase, PrivacyError } from '@castellan/privacy';
import { Injectable } from '@nestjs/common';
import { JobsPeer } from '../jobs-peer.js';
import { unsealRelease } from '../unseal-release.js';

/** Opens a version to train on, with keys released for the purpose `train` under the approvals that serving takes. */
@Injectable()
export class ReleasedBaseVersions extends BaseVersions {
  constructor(
    private readonly keybroker: KeybrokerClient,
    private readonly store: BlobStore,
    private readonly self: JobsPeer,
  ) {
    super();
  }

  async open({ id, ref, digest }: BaseVersion): Promise<OpenedBase> {
    const subject = { kind: 'version', id } as const;
    const released = await requestKeys(this.keybroker, { purpose: 'train', subject, peer: this.self.peer });
    const { manifest, versionDigest } = released.release;
    if (manifest === undefined || versionDigest !== digest)
      throw new PrivacyError('base_differs', {
        kind: 'conflict',
        publicDetail: `${ref} is not the version any more that was asked for.`,
      });
    const { organization } = readManifest(manifest, digest);
    const files = await unsealRelease(released, this.store);
    return { organization, files, dispose: () => wipe(files) };
  }
}
