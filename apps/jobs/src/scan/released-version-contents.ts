import { BlobStore } from '@castellan/blob-store';
import { inspectApart, wipe } from '@castellan/engine';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient, requestKeys } from '@castellan/keybroker-client';
import { type Inspection, VersionContents } from '@castellan/registry';
import { Injectable } from '@nestjs/common';
import { JobsPeer } from '../jobs-peer.js';
import { unsealRelease } from '../unseal-release.js';

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
    const released = await requestKeys(this.keybroker, { purpose: 'scan', subject, peer: this.self.peer });
    let opened = new Map<string, Uint8Array>();
    try {
      opened = await unsealRelease(released, this.store);
      const { detectedFormat, verdict, findings, scannedFiles } = await inspectApart(opened);
      const digests = ['sha256', 'sha256Tree'];
      return { format: detectedFormat, verdict, findings, scannedFiles, digests, scanner };
    } catch (error) {
      if (!(error instanceof CastellanError) || error.kind === 'unavailable') throw error;
      const finding = {
        code: error.code,
        severity: 'critical' as const,
        path: '',
        detail: error.publicDetail,
      };
      const nothing = { scannedFiles: [], digests: [] };
      return { format: 'unknown', verdict: 'unreadable', findings: [finding], ...nothing, scanner };
    } finally {
      wipe(opened);
    }
  }
}
