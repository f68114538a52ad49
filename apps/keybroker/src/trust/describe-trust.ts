import type { TrustRoot } from '@castellan/contracts';
import type { Root } from '../root/root.js';
import type { HonouredDocuments } from './honoured-documents.js';

/** States the root of trust, for whoever collects evidence. Nothing of it is secret. */
export class DescribeTrust {
  constructor(
    private readonly root: Root,
    private readonly documents: HonouredDocuments,
  ) {}

  describe(): TrustRoot {
    const { officers, logSigner, authority } = this.root;
    const { policies, reviewerCertificates, revocations } = this.documents;
    return {
      logOrigin: logSigner.name,
      logVkey: logSigner.verifierKey.toString(),
      caPem: authority.certificatePem,
      officers: officers.map(({ keyId, name, publicKey }) => ({ keyId, name, publicKey })),
      policies: [...policies],
      reviewerCertificates: [...reviewerCertificates],
      revocations: [...revocations],
    };
  }
}
