import type { KeyObject } from 'node:crypto';
import { keyIdOf, verifiedKeyIds } from '@castellan/dsse';
import {
  covers,
  readReviewerCertificate,
  REVIEWER_CERTIFICATE_TYPE,
  type ReviewerCertificate,
} from './reviewer-certificate.js';
import { readRevocation, REVOCATION_TYPE, type Revocation } from './revocation.js';
import { readTrustDocument, type EnvelopeInput, type TrustDocument } from './trust-document.js';
import { TrustError } from './trust-error.js';

/** Clocks of signers and ours may differ by so much. Only beginnings are stretched, never ends. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** What trust starts from, and the documents that extend it or take it back. */
export interface TrustMaterial {
  /** The pinned officers' ECDSA P-256 public keys: the only thing here that is believed unsigned. */
  readonly officers: readonly KeyObject[];
  readonly reviewerCertificates: readonly EnvelopeInput[];
  readonly revocations: readonly EnvelopeInput[];
}

/** For what, and as whom, a reviewer claims to sign. */
export interface SigningScope {
  readonly organization: string;
  readonly project: string;
  readonly person: string;
}

/** A revocation whose signature holds. */
export interface VerifiedRevocation extends Revocation {
  readonly byOfficer: boolean;
}

/**
 * The officers, the reviewers that they certified and what was revoked: everything that a signature can be checked
 * against. Documents that don't hold up give no trust and take none; they are left out in silence, since anybody may have
 * put them there.
 */
export class Trust {
  readonly #officers: readonly KeyObject[];
  readonly #certificatesByKeyId: ReadonlyMap<string, readonly ReviewerCertificate[]>;
  readonly revocations: readonly VerifiedRevocation[];

  constructor(material: TrustMaterial) {
    this.#officers = material.officers;
    const certificates = sound(material.reviewerCertificates, (input) =>
      this.verifyCertificate(readTrustDocument(input)),
    );
    this.#certificatesByKeyId = Map.groupBy(certificates, ({ keyId }) => keyId);
    this.revocations = sound(material.revocations, (input) =>
      this.verifyRevocation(readTrustDocument(input)),
    );
  }

  /** @throws TrustError `signer_not_officer`; `signature_invalid` when an officer's key is named but did not sign this */
  requireOfficer(document: TrustDocument): void {
    if (this.signedByOfficer(document)) return;
    const officerIds = new Set(this.#officers.map(keyIdOf));
    if (document.envelope.signatures.some(({ keyid }) => officerIds.has(keyid))) {
      throw new TrustError('signature_invalid', "The officer's signature does not verify.");
    }
    throw new TrustError('signer_not_officer', 'The document is not signed by a pinned officer.');
  }

  signedByOfficer(document: TrustDocument): boolean {
    return this.officersWhoSigned(document).size > 0;
  }

  /** Their key ids. */
  officersWhoSigned(document: TrustDocument): ReadonlySet<string> {
    return verifiedKeyIds(document.envelope, this.#officers);
  }

  /** @throws TrustError `document_kind_unknown`, `document_malformed`, `signer_not_officer` */
  verifyCertificate(document: TrustDocument): ReviewerCertificate {
    requireType(document, REVIEWER_CERTIFICATE_TYPE);
    this.requireOfficer(document);
    return readReviewerCertificate(document);
  }

  /**
   * A revocation is sound when an officer signed it, or, unless it takes a certificate back, a reviewer of that project.
   * Her certificate may since have expired or been revoked: taking trust back must not come undone.
   *
   * @throws TrustError
   */
  verifyRevocation(document: TrustDocument): VerifiedRevocation {
    requireType(document, REVOCATION_TYPE);
    const revocation = readRevocation(document);
    if (this.signedByOfficer(document)) return { ...revocation, byOfficer: true };
    if (revocation.target === 'reviewer-certificate') this.requireOfficer(document);
    this.reviewersWhoSigned(document, revocation);
    return { ...revocation, byOfficer: false };
  }

  /**
   * The certificates of the one person who signed this document, for a key and a scope that fit; several when renewed.
   * They may have expired or been revoked: see {@link inForce}.
   *
   * @throws TrustError `reviewer_untrusted`, `signature_invalid`, `reviewer_out_of_scope`
   */
  reviewersWhoSigned(document: TrustDocument, scope: SigningScope): readonly ReviewerCertificate[] {
    const { person, organization, project } = scope;
    const keyIds = new Set(document.envelope.signatures.map(({ keyid }) => keyid));
    const claimed = [...keyIds].flatMap((keyId) => this.#certificatesByKeyId.get(keyId) ?? []);
    if (claimed.length === 0) {
      throw new TrustError(
        'reviewer_untrusted',
        `No officer has certified the key that signed as ${person}.`,
      );
    }
    const verified = verifiedKeyIds(
      document.envelope,
      claimed.map(({ publicKey }) => publicKey),
    );
    const signers = claimed.filter(({ keyId }) => verified.has(keyId));
    if (signers.length === 0)
      throw new TrustError('signature_invalid', `The signature as ${person} does not verify.`);
    const own = signers.filter((certificate) => certificate.person === person);
    if (own.length === 0) {
      throw new TrustError(
        'reviewer_untrusted',
        `The key that signed as ${person} is certified for somebody else.`,
      );
    }
    const inScope = own.filter((certificate) => covers(certificate, organization, project));
    if (inScope.length === 0) {
      throw new TrustError(
        'reviewer_out_of_scope',
        `${person} is not a reviewer of ${organization}/${project}.`,
      );
    }
    return inScope;
  }

  /**
   * Those certificates that hold now. What a reviewer allows needs one: nothing proves that she signed before it ended.
   *
   * @throws TrustError `reviewer_certificate_revoked`, `reviewer_certificate_expired`
   */
  inForce(certificates: readonly ReviewerCertificate[], now: Date): readonly ReviewerCertificate[] {
    const [first] = certificates;
    const unrevoked = certificates.filter(({ digest }) => !this.#certificateRevoked(digest));
    if (unrevoked.length === 0) {
      throw new TrustError(
        'reviewer_certificate_revoked',
        `${first?.person}'s certificate has been revoked.`,
      );
    }
    const current = unrevoked.filter(({ notBefore, notAfter }) => isWithin(now, notBefore, notAfter));
    if (current.length === 0) {
      throw new TrustError(
        'reviewer_certificate_expired',
        `${first?.person}'s certificate is not valid at this time.`,
      );
    }
    return current;
  }

  #certificateRevoked(digest: string): boolean {
    return this.revocations.some(
      ({ target, targetDigest }) => target === 'reviewer-certificate' && targetDigest === digest,
    );
  }
}

/** `start` is stretched by the clock skew; `end` is exclusive and exact. */
export function isWithin(now: Date, start: Date, end: Date): boolean {
  return start.getTime() - CLOCK_SKEW_MS <= now.getTime() && now.getTime() < end.getTime();
}

/** @throws TrustError `document_kind_unknown` */
export function requireType(document: TrustDocument, predicateType: string): void {
  if (document.predicateType === predicateType) return;
  throw new TrustError(
    'document_kind_unknown',
    `The document is a ${document.predicateType}, not a ${predicateType}.`,
  );
}

function sound<Value>(inputs: readonly EnvelopeInput[], verify: (input: EnvelopeInput) => Value): Value[] {
  return inputs.flatMap((input) => {
    try {
      return [verify(input)];
    } catch (fault) {
      if (fault instanceof TrustError) return [];
      throw fault;
    }
  });
}
