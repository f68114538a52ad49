import { BlobStore } from '@castellan/blob-store';
import { inspectApart } from '@castellan/engine';
import { CastellanError } from '@castellan/errors';
import { KeybrokerClient, requestKeys } from '@castellan/keybroker-client';
import { type Inspection, VersionContents } from '@castellan/registry';
import { readRelease, VerifiedFile } from '@castellan/vault';
import { Injectable } from '@nestjs/common';
import { JobsPeer } from '../jobs-peer.js';

const scanner = 'castellan-engine/1';

/**
 * Opens a version with keys released for the purpose `scan`: each file is read once for its digests, and then by the parts that the
 * scan asks for, which are of that very content. A version may be longer than memory; plaintext is wiped as it is passed on.
 */
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
    const opened = new Map<string, VerifiedFile>();
    try {
      for (const { named, place } of readRelease(released).files)
        opened.set(named.path, await VerifiedFile.open({ store: this.store, ...place, expected: named }));
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
      await Promise.all(Array.from(opened.values(), (file) => file.close()));
    }
  }
}
