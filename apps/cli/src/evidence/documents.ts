import type { KeyObject } from 'node:crypto';
import {
  APPROVAL_TYPE,
  DATA_APPROVAL_TYPE,
  DESTRUCTION_ORDER_TYPE,
  POLICY_TYPE,
  readApproval,
  readDataApproval,
  readDestructionOrder,
  readPolicy,
  readReviewerCertificate,
  readRevocation,
  readRootExportOrder,
  readTrustDocument,
  REVIEWER_CERTIFICATE_TYPE,
  REVOCATION_TYPE,
  ROOT_EXPORT_ORDER_TYPE,
  type TrustDocument,
} from '@castellan/approval-policy';
import { DocumentKind, type BundleIndex } from '@castellan/contracts';
import { payloadBytes, preAuthenticationEncoding, verifiedKeyIds } from '@castellan/dsse';
import type { BundleArchive } from './bundle-archive.js';
import { EvidenceError, type Faults } from './fault.js';

/** How each kind is told and read; reading refuses a document whose content doesn't hold together. */
const KINDS = {
  approval: { type: APPROVAL_TYPE, read: readApproval },
  policy: { type: POLICY_TYPE, read: readPolicy },
  'reviewer-certificate': { type: REVIEWER_CERTIFICATE_TYPE, read: readReviewerCertificate },
  'data-approval': { type: DATA_APPROVAL_TYPE, read: readDataApproval },
  revocation: { type: REVOCATION_TYPE, read: readRevocation },
  'destruction-order': { type: DESTRUCTION_ORDER_TYPE, read: readDestructionOrder },
  'root-export-order': { type: ROOT_EXPORT_ORDER_TYPE, read: readRootExportOrder },
};

const DOCUMENT_FILE = /^documents\/([0-9a-f]{64})\./;

export interface BundleDocument {
  readonly kind: DocumentKind;
  readonly document: TrustDocument;
}

/**
 * The documents that are what the index says: digest, kind, and every copy in the bundle (payload, signed bytes,
 * signatures) the same as in the envelope; all signatures by the keys that they name. Whom these keys belong to is for the
 * decision.
 */
export async function readDocuments(
  archive: BundleArchive,
  index: BundleIndex,
  keys: ReadonlyMap<string, KeyObject>,
  faults: Faults,
): Promise<BundleDocument[]> {
  const documents: BundleDocument[] = [];
  for (const { digest, kind } of index.documents) {
    const path = `documents/${digest}.dsse.json`;
    const document = await faults.guard(path, () => readDocument(archive, digest, kind, keys));
    if (document !== undefined) documents.push(document);
  }
  const listed = new Set(index.documents.map(({ digest }) => digest));
  for (const path of archive.files.keys()) {
    const [, digest] = DOCUMENT_FILE.exec(path) ?? [];
    if (digest !== undefined && !listed.has(digest))
      faults.add('document_unlisted', path, 'bundle.json does not list this document.');
  }
  return documents;
}

function readDocument(
  archive: BundleArchive,
  digest: string,
  named: string,
  keys: ReadonlyMap<string, KeyObject>,
): BundleDocument {
  const kind = parseKind(named);
  const document = readTrustDocument(archive.text(`documents/${digest}.dsse.json`));
  const { envelope, predicateType } = document;
  if (document.digest !== digest)
    throw new EvidenceError('document_changed', `The signed payload has the digest ${document.digest}.`);
  if (predicateType !== KINDS[kind].type)
    throw new EvidenceError(
      'document_kind_mismatch',
      `bundle.json calls it a ${kind}; it is a ${predicateType}.`,
    );
  KINDS[kind].read(document);
  const payload = payloadBytes(envelope);
  requireCopy(archive, `documents/${digest}.payload.json`, payload);
  requireCopy(archive, `documents/${digest}.pae`, preAuthenticationEncoding(envelope.payloadType, payload));
  const verified = verifiedKeyIds(envelope, keys.values());
  envelope.signatures.forEach(({ keyid, sig }, n) => {
    requireCopy(archive, `documents/${digest}.${n}.${keyid}.sig`, Buffer.from(sig, 'base64'));
    if (!verified.has(keyid))
      throw new EvidenceError(
        'signature_invalid',
        `The signature by ${keyid} does not verify with a key of the bundle.`,
      );
  });
  return { kind, document };
}

function parseKind(named: string): DocumentKind {
  const kind = DocumentKind.safeParse(named);
  if (kind.success) return kind.data;
  throw new EvidenceError('document_kind_unknown', `Nobody here reads a ${named}.`);
}

function requireCopy(archive: BundleArchive, path: string, expected: Uint8Array): void {
  if (Buffer.compare(archive.bytes(path), expected) === 0) return;
  throw new EvidenceError('copy_differs', `${path} is not the same as in the envelope.`);
}
