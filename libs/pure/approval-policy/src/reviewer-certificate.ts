import type { KeyObject } from 'node:crypto';
import { keyIdOf, p256PublicKeyFromPem } from '@castellan/dsse';
import { CastellanError } from '@castellan/errors';
import { PredicateReader } from './predicate-reader.js';
import { statementPayload } from './statement-payload.js';
import type { TrustDocument } from './trust-document.js';
import { TrustError } from './trust-error.js';

export const REVIEWER_CERTIFICATE_TYPE = 'https://castellan.dev/reviewer-certificate/v1';

/** Says that a person holds a key, and in which roles and projects of one organization the key may review. */
export interface ReviewerCertificate {
  readonly digest: string;
  readonly serial: string;
  readonly person: string;
  readonly organization: string;
  /** Project names; `*` means every project of the organization. */
  readonly projects: readonly string[];
  readonly roles: readonly string[];
  readonly keyId: string;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** @throws TrustError `document_malformed`, also when the subject is not the id of the key inside. */
export function readReviewerCertificate(document: TrustDocument): ReviewerCertificate {
  const reader = new PredicateReader(document.predicate, 'reviewer certificate');
  const certificate = {
    digest: document.digest,
    serial: reader.uuid('serial'),
    person: reader.name('person'),
    organization: reader.name('organization'),
    projects: reader.namesOrWildcard('projects'),
    roles: reader.names('roles'),
    keyId: document.subjectSha256,
    publicKey: readPublicKey(reader.text('publicKey')),
    notBefore: reader.time('notBefore'),
    notAfter: reader.time('notAfter'),
  };
  reader.done();
  if (keyIdOf(certificate.publicKey) !== certificate.keyId) {
    throw new TrustError(
      'document_malformed',
      'The reviewer certificate is about another key than the one inside.',
    );
  }
  return certificate;
}

/** Whether the certificate speaks for this project at all, whatever the role. */
export function covers(certificate: ReviewerCertificate, organization: string, project: string): boolean {
  const inProject = certificate.projects.includes('*') || certificate.projects.includes(project);
  return certificate.organization === organization && inProject;
}

/** What an officer signs to make a reviewer. `publicKey` is PEM SubjectPublicKeyInfo; times are ISO 8601 UTC. */
export function reviewerCertificatePayload(certificate: {
  readonly keyId: string;
  readonly organization: string;
  readonly projects: readonly string[];
  readonly roles: readonly string[];
  readonly person: string;
  readonly publicKey: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly serial: string;
}): Uint8Array<ArrayBuffer> {
  const { keyId, ...predicate } = certificate;
  return statementPayload({ name: certificate.person, sha256: keyId }, REVIEWER_CERTIFICATE_TYPE, predicate);
}

function readPublicKey(pem: string): KeyObject {
  try {
    return p256PublicKeyFromPem(pem);
  } catch (cause) {
    if (cause instanceof CastellanError)
      throw new TrustError('document_malformed', cause.publicDetail, cause);
    throw cause;
  }
}
