import { BlobStore } from '@castellan/blob-store';
import { inspectApart, wipe } from '@castellan/engine';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient, requestKeys } from '@castellan/keybroker-client';
import { type Inspection, VersionContents } from '@castellan/registry';
import { unsealFile } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import { JobsPeer } from '../jobs-peer.js';

const scanner = 'castellan-engine/1';

/** Opens a version with keys released for the purpose `scan`; plaintext is wiped as soon as it was looked at. */
@Injectable()
export class ReleasedVersionContents extends VersionContents {
  constructor(
    private readonly keybroker: KeybrokerClient,
    private readonly store: BlobStore,
    private readonly self: JobsPeer,
  ) {
    super();
  }

  async inspect(versionId: string): Promise<Inspection> {
    const subject = { kind: 'version', id: versionId } as const;
    const { release, keys } = await requestKeys(this.keybroker, {
      purpose: 'scan',
      subject,
      peer: 'jobs/jobs',
    });
    const opened = new Map<string, Uint8Array>();
    try {
      const withKey = ({ blobKey, dataKeyId }: { blobKey: string; dataKeyId: string }) => {
        const key = keys.get(dataKeyId);
        if (key === undefined) throw new Error(`the release names no key ${dataKeyId}`);
        return { blobKey, dataKeyId, key };
      };
      for (const { path, sizeBytes, sha256, further, ...first } of release.files) {
        const segments = { ...withKey(first), further: further.map(withKey) };
        const expected = { sizeBytes, sha256 };
        const { bytes } = await unsealFile({ store: this.store, ...segments, path, expected });
        opened.set(path, bytes);
      }
      const { detectedFormat, verdict, findings, scannedFiles } = await inspectApart(opened);
      return { format: detectedFormat, verdict, findings, scannedFiles, scanner };
    } catch (error) {
      if (!(error instanceof CastellanError) || error.kind === 'unavailable') throw error;
      const finding = {
        code: error.code,
        severity: 'critical' as const,
        path: '',
        detail: error.publicDetail,
      };
      return { format: 'unknown', verdict: 'unreadable', findings: [finding], scannedFiles: [], scanner };
    } finally {
      wipe(opened);
    }
  }
}
