import { createHash } from 'node:crypto';
import { PredicateReader } from './predicate-reader.js';
import { statementPayload } from './statement-payload.js';
import type { TrustDocument } from './trust-document.js';
import { TrustError } from './trust-error.js';

export const POLICY_TYPE = 'https://castellan.dev/policy/v1';

/** So many different people who hold this role must approve. */
export interface QuorumPart {
  readonly role: string;
  readonly count: number;
}

/** What a project asks before one of its versions may be served. */
export interface Policy {
  readonly digest: string;
  readonly organization: string;
  readonly project: string;
  /** Grows with every new policy of the project; an older one is never honoured again. */
  readonly version: number;
  readonly quorum: readonly QuorumPart[];
  /** What each counted approval must attest as evidence. */
  readonly gates: { readonly scan?: 'clean' };
  /** An approval counts for so many days from its issue, or until its own expiry, whichever is sooner. */
  readonly approvalMaxAgeDays: number;
}

/** The subject of a project's policy: SHA-256 of `organization/project`. Names hold no `/`, so this is unambiguous. */
export function projectDigest(organization: string, project: string): string {
  return createHash('sha256').update(`${organization}/${project}`, 'utf8').digest('hex');
}

/**
 * @throws TrustError `document_malformed`: also for a gate that we do not know, a quorum of nobody, or a policy that lets
 * authors review their own work.
 */
export function readPolicy(document: TrustDocument): Policy {
  const reader = new PredicateReader(document.predicate, 'policy');
  const policy = {
    digest: document.digest,
    organization: reader.name('organization'),
    project: reader.name('project'),
    version: reader.positiveInteger('version'),
    quorum: reader.list('quorum', (part) => ({
      role: part.name('role'),
      count: part.positiveInteger('count'),
    })),
    gates: readGates(reader.object('gates')),
    approvalMaxAgeDays: reader.positiveInteger('approvalMaxAgeDays'),
  };
  reader.oneOf('authorMayReview', [false]);
  reader.done();
  if (policy.quorum.length === 0)
    throw new TrustError('document_malformed', 'The policy has a quorum of nobody.');
  if (new Set(policy.quorum.map(({ role }) => role)).size !== policy.quorum.length) {
    throw new TrustError('document_malformed', 'The policy names a role twice in its quorum.');
  }
  if (document.subjectSha256 !== projectDigest(policy.organization, policy.project)) {
    throw new TrustError('document_malformed', 'The policy is about another project than the one it names.');
  }
  return policy;
}

/** What an officer signs to set a project's policy. */
export function policyPayload(policy: {
  readonly organization: string;
  readonly project: string;
  readonly version: number;
  readonly quorum: readonly QuorumPart[];
  readonly gates: { readonly scan?: 'clean' };
  readonly approvalMaxAgeDays: number;
}): Uint8Array<ArrayBuffer> {
  const { organization, project, version, approvalMaxAgeDays, gates } = policy;
  const quorum = policy.quorum.map(({ role, count }) => ({ role, count }));
  return statementPayload({ name: project, sha256: projectDigest(organization, project) }, POLICY_TYPE, {
    organization,
    project,
    version,
    quorum,
    gates: gates.scan === undefined ? {} : { scan: gates.scan },
    approvalMaxAgeDays,
    authorMayReview: false,
  });
}

function readGates(reader: PredicateReader): Policy['gates'] {
  const gates = reader.has('scan') ? { scan: reader.oneOf('scan', ['clean']) } : {};
  reader.done();
  return gates;
}
