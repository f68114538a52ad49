import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { IN_TOTO_PAYLOAD_TYPE, keyIdOf, signEnvelope, type Envelope } from '@castellan/dsse';
import { approvalPayload } from './approval.js';
import { policyPayload } from './policy.js';
import { reviewerCertificatePayload } from './reviewer-certificate.js';
import { revocationPayload } from './revocation.js';
import { readTrustDocument } from './trust-document.js';

/** People with real keys who sign real documents, for tests of everything that is decided from documents. */
export class Signer {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly publicKey = this.#keys.publicKey;
  readonly keyId = keyIdOf(this.#keys.publicKey);
  readonly publicPem = this.#keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  constructor(readonly name: string) {}

  sign(payload: Uint8Array): Envelope {
    return signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, this.#keys.privateKey);
  }
}

export const NOW = new Date('2026-11-23T12:00:00.000Z');
export const daysFromNow = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString();
export const digestOf = (envelope: Envelope) => readTrustDocument(envelope).digest;

export const scope = { organization: 'acme', project: 'vision' };
export const SCAN = { kind: 'scan', sha256: 'ab'.repeat(32), verdict: 'clean' };

export const manifestText = canonicalize({
  format: 'castellan.manifest/v1',
  ...scope,
  model: 'digits',
  number: 1,
  author: 'anna',
  createdAt: daysFromNow(-2),
  files: [{ path: 'model.h5', sizeBytes: 1024, sha256: 'cd'.repeat(32) }],
});
export const versionDigest = createHash('sha256').update(manifestText).digest('hex');

type Certificate = Parameters<typeof reviewerCertificatePayload>[0];
type PolicyTerms = Parameters<typeof policyPayload>[0];
type ApprovalTerms = Parameters<typeof approvalPayload>[1];
type RevocationTerms = Parameters<typeof revocationPayload>[1];

export function certify(officer: Signer, reviewer: Signer, changes: Partial<Certificate> = {}): Envelope {
  const certificate = {
    keyId: reviewer.keyId,
    organization: scope.organization,
    projects: [scope.project],
    roles: ['reviewer'],
    person: reviewer.name,
    publicKey: reviewer.publicPem,
    notBefore: daysFromNow(-30),
    notAfter: daysFromNow(335),
    serial: randomUUID(),
    ...changes,
  };
  return officer.sign(reviewerCertificatePayload(certificate));
}

export function setPolicy(officer: Signer, changes: Partial<PolicyTerms> = {}): Envelope {
  const policy = {
    ...scope,
    version: 1,
    quorum: [{ role: 'reviewer', count: 1 }],
    gates: { scan: 'clean' as const },
    approvalMaxAgeDays: 90,
    ...changes,
  };
  return officer.sign(policyPayload(policy));
}

export function decide(
  reviewer: Signer,
  policy: Envelope,
  changes: Partial<ApprovalTerms> & { versionDigest?: string } = {},
): Envelope {
  const { versionDigest: about = versionDigest, ...terms } = changes;
  const approval = {
    decision: 'approve' as const,
    ...scope,
    person: reviewer.name,
    policyDigest: digestOf(policy),
    evidence: [SCAN],
    reason: 'Hold-out accuracy is as claimed.',
    issuedAt: daysFromNow(-1),
    expiresAt: daysFromNow(30),
    nonce: randomUUID(),
    ...terms,
  };
  return reviewer.sign(approvalPayload({ name: 'digits@1', versionDigest: about }, approval));
}

export function revoke(
  signer: Signer,
  targetDigest: string,
  changes: Partial<RevocationTerms> = {},
): Envelope {
  const revocation = {
    target: 'approval' as const,
    ...scope,
    person: signer.name,
    reason: 'The training data was mislabelled.',
    issuedAt: daysFromNow(0),
    ...changes,
  };
  return signer.sign(revocationPayload({ name: 'digits@1', sha256: targetDigest }, revocation));
}
