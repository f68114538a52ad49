import { PredicateReader } from './predicate-reader.js';
import { statementPayload } from './statement-payload.js';
import type { TrustDocument } from './trust-document.js';

export const REVOCATION_TYPE = 'https://castellan.dev/revocation/v1';

const targets = [
  'approval',
  'reviewer-certificate',
  'version',
  'destruction-order',
  'root-export-order',
] as const;

/** What may be about all projects: a certificate, or an order to erase a person. */
const wildcards: readonly string[] = ['reviewer-certificate', 'destruction-order'];

/** What a revocation takes back: an approval, certificate or order (by document digest), or a version (by its own). */
export type RevocationTarget = (typeof targets)[number];

/** Takes trust back, for good: a revocation can't itself be revoked. */
export interface Revocation {
  readonly digest: string;
  readonly target: RevocationTarget;
  readonly targetDigest: string;
  readonly organization: string;
  readonly project: string;
  readonly person: string;
  readonly reason: string;
  readonly issuedAt: Date;
}

/** @throws TrustError `document_malformed` */
export function readRevocation(document: TrustDocument): Revocation {
  const reader = new PredicateReader(document.predicate, 'revocation');
  const target = reader.oneOf('target', targets);
  const revocation = {
    digest: document.digest,
    target,
    targetDigest: document.subjectSha256,
    organization: reader.name('organization'),
    project: wildcards.includes(target) ? reader.nameOrWildcard('project') : reader.name('project'),
    person: reader.name('person'),
    reason: reader.text('reason'),
    issuedAt: reader.time('issuedAt'),
  };
  reader.done();
  return revocation;
}

/** What a reviewer or an officer signs to take trust back. `issuedAt` is ISO 8601 UTC. */
export function revocationPayload(
  subject: { readonly name: string; readonly sha256: string },
  revocation: {
    readonly target: RevocationTarget;
    readonly organization: string;
    readonly project: string;
    readonly person: string;
    readonly reason: string;
    readonly issuedAt: string;
  },
): Uint8Array<ArrayBuffer> {
  return statementPayload(subject, REVOCATION_TYPE, { ...revocation });
}
